//! Is everything that can leave the network decided? Run by `build.rs` on the
//! compiled contract, so that a field without a section does not build.

use std::collections::BTreeSet;

use prost_reflect::{
    Cardinality, DescriptorPool, DynamicMessage, ExtensionDescriptor, Kind, MessageDescriptor,
    MethodDescriptor, ServiceDescriptor, Value,
};

/// The open package: what is answered through the gateway.
const OPEN_PACKAGE: &str = "casenet.v1";

/// What the contract leaves undecided, one sentence each; empty if nothing.
pub fn gaps(pool: &DescriptorPool) -> Vec<String> {
    let mut gaps = Vec::new();
    for service in pool.services().filter(|s| s.package_name() == OPEN_PACKAGE) {
        if text_option(pool, &service.options(), "role").is_none() {
            gaps.push(format!("{}: no (role)", service.full_name()));
        }
        for method in service.methods() {
            check_method(pool, &service, &method, &mut gaps);
        }
    }
    gaps
}

fn check_method(
    pool: &DescriptorPool,
    service: &ServiceDescriptor,
    method: &MethodDescriptor,
    gaps: &mut Vec<String>,
) {
    let title = format!("{}.{}", service.name(), method.name());
    if text_option(pool, &method.options(), "action").is_none() {
        gaps.push(format!("{title}: no (action)"));
    }
    if method.is_client_streaming() {
        gaps.push(format!(
            "{title}: client streams are not answered by the gateway"
        ));
    }
    if let Some(resource) = text_option(pool, &method.options(), "resource") {
        let field = method.input().get_field_by_name(&resource);
        if !field
            .is_some_and(|f| f.kind() == Kind::String && f.cardinality() != Cardinality::Repeated)
        {
            gaps.push(format!(
                "{title}: (resource) {resource:?} is no string field of its request"
            ));
        }
    }
    let mut seen = BTreeSet::new();
    check_message(pool, &method.output(), false, &title, &mut seen, gaps);
}

/// Every field below `message` has a section, inherits one, or holds a
/// labelled message.
fn check_message(
    pool: &DescriptorPool,
    message: &MessageDescriptor,
    inherits: bool,
    title: &str,
    seen: &mut BTreeSet<(String, bool)>,
    gaps: &mut Vec<String>,
) {
    if !seen.insert((message.full_name().to_owned(), inherits)) {
        return;
    }
    let labelled = flag_option(pool, &message.options(), "labelled");
    let authored = section_option(pool, &message.options(), "authored").is_some();
    let inherits = inherits || authored;
    let label =
        |kind: Kind| matches!(kind, Kind::Message(m) if m.full_name() == "casenet.v1.Label");
    if labelled && !message.get_field(1).is_some_and(|f| label(f.kind())) {
        gaps.push(format!(
            "{}: (labelled), but field 1 is no Label",
            message.name()
        ));
    }
    if authored
        && !(message
            .get_field(1)
            .is_some_and(|f| f.kind() == Kind::String)
            && message
                .get_field(2)
                .is_some_and(|f| matches!(f.kind(), Kind::Enum(e) if e.name() == "Section")))
    {
        gaps.push(format!(
            "{}: (authored), but fields 1 and 2 are no author and Section",
            message.name()
        ));
    }
    for field in message.fields() {
        if labelled && field.number() == 1 || authored && field.number() <= 2 {
            continue;
        }
        let has_section = section_option(pool, &field.options(), "section").is_some();
        let child = match field.kind() {
            Kind::Message(child) => Some(child),
            _ => None,
        };
        let child_labelled = child
            .as_ref()
            .is_some_and(|child| flag_option(pool, &child.options(), "labelled"));
        if !has_section && !inherits && !child_labelled {
            gaps.push(format!(
                "{title}: {}.{} has no (section)",
                message.name(),
                field.name()
            ));
        }
        if let Some(child) = child {
            let inherits = (inherits || has_section) && !child_labelled;
            check_message(pool, &child, inherits, title, seen, gaps);
        }
    }
}

fn extension(pool: &DescriptorPool, name: &str) -> Option<ExtensionDescriptor> {
    pool.get_extension_by_name(&format!("{OPEN_PACKAGE}.{name}"))
}

/// A string option of the contract, if set and not empty.
pub fn text_option(pool: &DescriptorPool, options: &DynamicMessage, name: &str) -> Option<String> {
    let value = options.get_extension(&extension(pool, name)?);
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// A boolean option of the contract; absent is false.
pub fn flag_option(pool: &DescriptorPool, options: &DynamicMessage, name: &str) -> bool {
    extension(pool, name)
        .is_some_and(|extension| options.get_extension(&extension).as_bool() == Some(true))
}

/// The number of the section that an option names, if it is set.
pub fn section_option(pool: &DescriptorPool, options: &DynamicMessage, name: &str) -> Option<i32> {
    match options.get_extension(&extension(pool, name)?).into_owned() {
        Value::EnumNumber(number) if number != 0 => Some(number),
        _ => None,
    }
}
