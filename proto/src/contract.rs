//! The contract as tables: what each method does, and the shape of each
//! message with the section of each field. Compiled once, at start-up, from
//! the annotations in the descriptor set.

use std::collections::HashMap;

use prost_reflect::{
    Cardinality, DescriptorPool, DynamicMessage, Kind, MessageDescriptor, MethodDescriptor,
    ServiceDescriptor,
};

use crate::coverage::{flag_option, section_option, text_option};
use crate::http::Route;
use crate::v1::Section;

/// A contract that cannot be read: a defect of the build, never of a caller.
#[derive(Debug, thiserror::Error)]
#[error("the compiled contract is unusable: {0}")]
pub struct Unusable(String);

/// The whole contract.
#[derive(Debug)]
pub struct Contract {
    pool: DescriptorPool,
    methods: HashMap<String, Method>,
    shapes: Vec<Shape>,
}

/// What one method does.
#[derive(Debug, Clone)]
pub struct Method {
    /// `/casenet.v1.CaseService/GetCase`.
    pub path: String,
    /// The role that answers it.
    pub role: String,
    /// What it does, as policies name it.
    pub action: String,
    /// Number of the request's field that names the case or a resource under it.
    pub resource: Option<u32>,
    /// Changes nothing.
    pub reads: bool,
    /// Its answer is every role's part, joined.
    pub joined: bool,
    /// Callable before sign-in.
    pub anonymous: bool,
    /// Answers a stream.
    pub streams: bool,
    /// Where it is found over HTTP; `None`: by gRPC only.
    pub http: Option<Route>,
    /// How its stream goes on where it broke off.
    pub resume: Option<Resume>,
    /// Shape of its request.
    pub request: ShapeId,
    /// Shape of its answer.
    pub response: ShapeId,
}

/// How a stream goes on where it broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resume {
    /// The request's field: messages after this one.
    pub after: String,
    /// Where a message tells its number; each step is a field.
    pub told: Vec<String>,
}

/// Index of a shape in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShapeId(usize);

/// A message: which fields it has and whom they concern.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// The message's full name.
    pub name: String,
    /// Field 1 is a Label.
    pub labelled: bool,
    /// Somebody's contribution to this section: field 1 is the author, field 2
    /// a section of its own, if it has one.
    pub authored: Option<Section>,
    /// The role whose service is declared beside the message; empty if none is.
    pub role: String,
    /// By field number; numbers of casenet's messages are small.
    fields: Vec<Option<FieldShape>>,
}

/// One field of a message.
#[derive(Debug, Clone)]
pub struct FieldShape {
    /// The field's name.
    pub name: String,
    /// The section it carries itself; without one it inherits.
    pub section: Option<Section>,
    /// Visible already in part.
    pub part: bool,
    /// Holds many values.
    pub repeated: bool,
    /// Holds a string.
    pub text: bool,
    /// The shape of the message it holds, if it holds one.
    pub message: Option<ShapeId>,
}

impl Shape {
    /// The field of that number.
    pub fn field(&self, number: u32) -> Option<&FieldShape> {
        self.fields.get(number as usize)?.as_ref()
    }

    /// A value of another package (Date, Money, Timestamp): whole or not at all.
    pub fn is_value(&self) -> bool {
        !self.name.starts_with("casenet.")
    }

    /// All fields with their numbers.
    pub fn fields(&self) -> impl Iterator<Item = (u32, &FieldShape)> {
        self.fields
            .iter()
            .enumerate()
            .filter_map(|(n, f)| Some((n as u32, f.as_ref()?)))
    }
}

impl Contract {
    /// Compiles the contract that this build carries.
    pub fn load() -> Result<Self, Unusable> {
        let pool = DescriptorPool::decode(crate::DESCRIPTOR_SET)
            .map_err(|error| Unusable(error.to_string()))?;
        let mut shapes = Shapes {
            pool: &pool,
            known: HashMap::new(),
            shapes: Vec::new(),
        };
        let mut methods = HashMap::new();
        for service in pool.services().filter(|s| s.package_name() == "casenet.v1") {
            for method in service.methods() {
                let method = shapes.method(&service, &method)?;
                methods.insert(method.path.clone(), method);
            }
        }
        let shapes = shapes.shapes;
        Ok(Self {
            pool,
            methods,
            shapes,
        })
    }

    /// The method at this path.
    pub fn method(&self, path: &str) -> Option<&Method> {
        self.methods.get(path)
    }

    /// Every method.
    pub fn methods(&self) -> impl Iterator<Item = &Method> {
        self.methods.values()
    }

    /// The shape of that id.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        // INVARIANT (ids are the contract's own): an id is only made with its shape.
        &self.shapes[id.0]
    }

    /// The descriptors, for reflection and for printing messages as JSON.
    pub fn pool(&self) -> &DescriptorPool {
        &self.pool
    }
}

struct Shapes<'a> {
    pool: &'a DescriptorPool,
    known: HashMap<String, ShapeId>,
    shapes: Vec<Shape>,
}

impl Shapes<'_> {
    fn method(
        &mut self,
        service: &ServiceDescriptor,
        method: &MethodDescriptor,
    ) -> Result<Method, Unusable> {
        let options = method.options();
        let path = format!("/{}/{}", service.full_name(), method.name());
        let text = |name: &str| text_option(self.pool, &options, name);
        let resource = match text("resource") {
            None => None,
            Some(name) => Some(
                method
                    .input()
                    .get_field_by_name(&name)
                    .ok_or_else(|| Unusable(format!("{path}: no field {name:?}")))?
                    .number(),
            ),
        };
        let http = text("http").map(|text| Route::parse(&text)).transpose();
        let resume = text("resume").and_then(|text| {
            let (after, told) = text.split_once('=')?;
            Some(Resume {
                after: after.to_owned(),
                told: told.split('.').map(str::to_owned).collect(),
            })
        });
        Ok(Method {
            http: http.map_err(|error| Unusable(format!("{path}: {error}")))?,
            resume,
            role: text_option(self.pool, &service.options(), "role")
                .ok_or_else(|| Unusable(format!("{path}: no role")))?,
            action: text("action").ok_or_else(|| Unusable(format!("{path}: no action")))?,
            resource,
            reads: flag_option(self.pool, &options, "reads"),
            joined: flag_option(self.pool, &options, "joined"),
            anonymous: flag_option(self.pool, &options, "anonymous"),
            streams: method.is_server_streaming(),
            request: self.shape(&method.input())?,
            response: self.shape(&method.output())?,
            path,
        })
    }

    fn role_of(&self, message: &MessageDescriptor) -> String {
        let file = message.parent_file();
        let mut services = file.services();
        services
            .find_map(|service| text_option(self.pool, &service.options(), "role"))
            .unwrap_or_default()
    }

    fn section(&self, options: &DynamicMessage, name: &str) -> Result<Option<Section>, Unusable> {
        section_option(self.pool, options, name)
            .map(|number| {
                Section::try_from(number).map_err(|_| Unusable(format!("no section {number}")))
            })
            .transpose()
    }

    fn shape(&mut self, message: &MessageDescriptor) -> Result<ShapeId, Unusable> {
        if let Some(known) = self.known.get(message.full_name()) {
            return Ok(*known);
        }
        // Reserved before its fields, so that a message may hold its own kind.
        let id = ShapeId(self.shapes.len());
        self.known.insert(message.full_name().to_owned(), id);
        self.shapes.push(Shape::default());

        let mut fields = Vec::new();
        for field in message.fields() {
            let shape = FieldShape {
                name: field.name().to_owned(),
                section: self.section(&field.options(), "section")?,
                part: flag_option(self.pool, &field.options(), "part"),
                repeated: field.cardinality() == Cardinality::Repeated,
                text: field.kind() == Kind::String,
                message: match field.kind() {
                    Kind::Message(child) => Some(self.shape(&child)?),
                    _ => None,
                },
            };
            let number = field.number() as usize;
            if fields.len() <= number {
                fields.resize(number + 1, None);
            }
            fields[number] = Some(shape);
        }
        self.shapes[id.0] = Shape {
            name: message.full_name().to_owned(),
            labelled: flag_option(self.pool, &message.options(), "labelled"),
            authored: self.section(&message.options(), "authored")?,
            role: self.role_of(message),
            fields,
        };
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Contract;
    use crate::v1::Section;

    #[test]
    fn the_tables_say_what_the_annotations_say() {
        let contract = Contract::load().unwrap();
        let get = contract.method("/casenet.v1.CaseService/GetCase").unwrap();
        assert_eq!(
            (get.action.as_str(), get.resource, get.joined),
            ("case.get", Some(1), true)
        );
        let case = contract.shape(get.response);
        assert!(case.labelled);
        assert_eq!(case.field(9).unwrap().section, Some(Section::Claims));
        let claim = contract.shape(case.field(9).unwrap().message.unwrap());
        assert!(claim.field(1).unwrap().part && !claim.field(3).unwrap().part);
    }
}
