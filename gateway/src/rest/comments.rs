//! The contract's comments, found by what they stand at: the words of the
//! document and of problems are the contract's own.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, EnumDescriptor, EnumValueDescriptor, FieldDescriptor, FileDescriptor,
    MessageDescriptor, MethodDescriptor, ServiceDescriptor,
};

/// Every comment, by file and place in it.
pub(super) struct Comments(HashMap<(String, Vec<i32>), String>);

impl Comments {
    pub(super) fn of(pool: &DescriptorPool) -> Self {
        let mut comments = HashMap::new();
        for file in pool.files() {
            let info = file.file_descriptor_proto().source_code_info.as_ref();
            for location in info.iter().flat_map(|info| &info.location) {
                let text = location.leading_comments();
                if !text.trim().is_empty() {
                    let place = (file.name().to_owned(), location.path.clone());
                    comments.insert(place, in_one_line(text));
                }
            }
        }
        Self(comments)
    }

    fn at(&self, file: &FileDescriptor, path: &[i32]) -> Option<String> {
        self.0
            .get(&(file.name().to_owned(), path.to_vec()))
            .cloned()
    }

    pub(super) fn of_service(&self, service: &ServiceDescriptor) -> Option<String> {
        self.at(&service.parent_file(), service.path())
    }

    pub(super) fn of_method(&self, method: &MethodDescriptor) -> Option<String> {
        self.at(&method.parent_file(), method.path())
    }

    pub(super) fn of_message(&self, message: &MessageDescriptor) -> Option<String> {
        self.at(&message.parent_file(), message.path())
    }

    pub(super) fn of_field(&self, field: &FieldDescriptor) -> Option<String> {
        self.at(&field.parent_file(), field.path())
    }

    pub(super) fn of_enum(&self, descriptor: &EnumDescriptor) -> Option<String> {
        self.at(&descriptor.parent_file(), descriptor.path())
    }

    pub(super) fn of_value(&self, value: &EnumValueDescriptor) -> Option<String> {
        self.at(&value.parent_enum().parent_file(), value.path())
    }
}

/// The lines of a comment as one.
fn in_one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join(" ").trim().to_owned()
}

/// Up to the first full stop, without it.
pub(super) fn first_sentence(text: &str) -> String {
    let sentence = text.split_once(". ").map_or(text, |(first, _)| first);
    sentence.trim_end_matches('.').to_owned()
}
