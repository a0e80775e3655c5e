//! One stack: its template with parameters, mappings, conditions and functions applied, nested
//! stacks included. It knows what our templates use. Whatever else comes up is an error: a wrong
//! guess here would be a test that proves nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::attributes::{ACCOUNT, REGION, attribute, name_property};
use super::parameters::{Parameters, take, text};
use super::references::resolved;
use super::templates::{Installation, Resource, Templates};

/// The name of the root stack.
pub(crate) const NAME: &str = "deployment-status";

/// A stack that is being deployed.
struct Stack<'a> {
    templates: &'a Templates,
    template: &'a Value,
    /// Where it is nested: empty, or such as `Storage.`.
    path: &'a str,
    parameters: Parameters,
    /// The outputs of the stacks nested in it; none while one is being deployed.
    nested: BTreeMap<String, Option<Parameters>>,
    installation: &'a mut Installation,
}

/// A value, or nothing where the template says `AWS::NoValue`.
type Resolved = Result<Option<Value>, String>;

/// Adds what the template in `file` creates to `installation`, and answers its outputs.
pub(crate) fn deploy(
    templates: &Templates,
    file: &str,
    path: &str,
    given: &Parameters,
    installation: &mut Installation,
) -> Result<Parameters, String> {
    let template = templates.0.get(file).ok_or_else(|| format!("there is no template {file}"))?;
    let parameters = take(template, given).map_err(|wrong| format!("{file}: {wrong}"))?;
    let mut stack = Stack { templates, template, path, parameters, nested: BTreeMap::new(), installation };
    stack.all().map_err(|wrong| format!("{file}: {wrong}"))
}

impl Stack<'_> {
    fn all(&mut self) -> Result<Parameters, String> {
        let template = self.template;
        for (name, rule) in template["Rules"].as_object().into_iter().flatten() {
            self.rule(rule).map_err(|wrong| format!("{name}: {wrong}"))?;
        }
        for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
            if !self.exists(resource)? {
                continue;
            }
            if kind(resource)? == "AWS::CloudFormation::Stack" {
                self.outputs_of(id)?;
                continue;
            }
            let properties = self.whole(&resource["Properties"]).map_err(|wrong| format!("{id}: {wrong}"))?;
            for (event, schedule) in schedules(resource) {
                let rule = Resource { kind: RULE.to_owned(), properties: self.whole(schedule)? };
                self.installation.0.insert(format!("{}{id}{event}", self.path), rule);
            }
            let resource = Resource { kind: kind(resource)?.to_owned(), properties };
            self.installation.0.insert(format!("{}{id}", self.path), resource);
        }
        let mut outputs = Parameters::new();
        for (name, output) in template["Outputs"].as_object().into_iter().flatten() {
            outputs.insert(name.clone(), self.text(&output["Value"])?);
        }
        Ok(outputs)
    }

    fn rule(&mut self, rule: &Value) -> Result<(), String> {
        if !self.truth(&rule["RuleCondition"])? {
            return Ok(());
        }
        for assertion in rule["Assertions"].as_array().into_iter().flatten() {
            if !self.truth(&assertion["Assert"])? {
                return Err(assertion["AssertDescription"].to_string());
            }
        }
        Ok(())
    }

    /// Whether the condition of a resource holds, where it has one.
    fn exists(&mut self, resource: &Value) -> Result<bool, String> {
        resource.get("Condition").map_or(Ok(true), |condition| self.condition(condition))
    }

    fn condition(&mut self, name: &Value) -> Result<bool, String> {
        let condition = name.as_str().and_then(|name| self.template["Conditions"].get(name));
        self.truth(condition.ok_or_else(|| format!("there is no condition {name}"))?)
    }

    fn truth(&mut self, value: &Value) -> Result<bool, String> {
        match function(value) {
            Some(("Fn::Equals", [one, other])) => Ok(self.text(one)? == self.text(other)?),
            Some(("Fn::Not", [condition])) => Ok(!self.truth(condition)?),
            _ => Err(format!("{value} is no condition that this reader knows")),
        }
    }

    /// What must be there.
    fn whole(&mut self, value: &Value) -> Result<Value, String> {
        self.resolve(value)?.ok_or_else(|| format!("{value} is nothing"))
    }

    fn text(&mut self, value: &Value) -> Result<String, String> {
        let resolved = self.whole(value)?;
        text(&resolved).ok_or_else(|| format!("{resolved} is no text"))
    }

    fn resolve(&mut self, value: &Value) -> Resolved {
        if value.get("Ref").is_some_and(|name| name == "AWS::NoValue") {
            return Ok(None);
        }
        if let Some((name, arguments)) = function(value) {
            return self.call(name, arguments);
        }
        match value {
            Value::Array(items) => {
                let items = items.iter().map(|item| self.resolve(item)).collect::<Result<Vec<_>, _>>()?;
                Ok(Some(items.into_iter().flatten().collect()))
            }
            Value::Object(entries) => {
                let mut object = Map::new();
                for (name, entry) in entries {
                    if let Some(entry) = self.resolve(entry)? {
                        object.insert(name.clone(), entry);
                    }
                }
                Ok(Some(Value::Object(object)))
            }
            Value::String(text) => Ok(Some(json!(resolved(text.clone())?))),
            scalar => Ok(Some(scalar.clone())),
        }
    }

    fn call(&mut self, name: &str, arguments: &[Value]) -> Resolved {
        Ok(Some(match (name, arguments) {
            ("Fn::If", [condition, then, otherwise]) => {
                let chosen = if self.condition(condition)? { then } else { otherwise };
                return self.resolve(chosen);
            }
            ("Ref", [name]) => json!(self.reference(name.as_str().unwrap_or_default())?),
            ("Fn::GetAtt", [id, attribute]) => {
                json!(self.attribute(id.as_str().unwrap_or_default(), attribute.as_str().unwrap_or_default())?)
            }
            ("Fn::Sub", [Value::String(pattern)]) => json!(resolved(self.substitute(pattern)?)?),
            ("Fn::FindInMap", [map, first, second]) => {
                let (first, second) = (self.text(first)?, self.text(second)?);
                let found = &self.template["Mappings"][map.as_str().unwrap_or_default()][&first][&second];
                json!(text(found).ok_or_else(|| format!("{map} has no {first}, {second}"))?)
            }
            ("Fn::Join", [Value::String(between), parts]) => {
                let parts = self.whole(parts)?;
                let parts = parts.as_array().into_iter().flatten().map(text).collect::<Option<Vec<_>>>();
                json!(parts.ok_or_else(|| format!("{arguments:?} are no texts"))?.join(between))
            }
            ("Fn::Split", [Value::String(at), whole]) => {
                self.text(whole)?.split(at.as_str()).map(|part| json!(part)).collect()
            }
            ("Fn::Select", [index, list]) => {
                let (list, index) = (self.whole(list)?, self.text(index)?);
                let found = index.parse().ok().and_then(|at: usize| list.get(at).cloned());
                found.ok_or_else(|| format!("{list} has no {index}"))?
            }
            _ => return Err(format!("{name} of {arguments:?} is not known to this reader")),
        }))
    }

    fn reference(&mut self, name: &str) -> Result<String, String> {
        match name {
            "AWS::Region" => Ok(REGION.to_owned()),
            "AWS::AccountId" => Ok(ACCOUNT.to_owned()),
            "AWS::Partition" => Ok("aws".to_owned()),
            // A nested stack's own name is made by AWS.
            "AWS::StackName" if self.path.is_empty() => Ok(NAME.to_owned()),
            name => match (self.parameters.get(name), name.split_once('.')) {
                (Some(value), _) => Ok(value.clone()),
                // SAM makes a resource of a function's alias, and calls it so.
                (None, Some((function, "Alias"))) => self.attribute(function, "Alias"),
                (None, _) => self.attribute(name, "Ref"),
            },
        }
    }

    fn attribute(&mut self, id: &str, name: &str) -> Result<String, String> {
        let template = self.template;
        let Some(resource) = template["Resources"].get(id) else {
            let mut all = template["Resources"].as_object().into_iter().flatten();
            let made = all.any(|(of, resource)| schedules(resource).any(|(event, _)| format!("{of}{event}") == id));
            let name = made.then(|| attribute(RULE, &format!("<{}{id}>", self.path), name)).flatten();
            return name.ok_or_else(|| format!("there is no {id}"));
        };
        if !self.exists(resource)? {
            return Err(format!("{id} is referred to where its condition does not hold"));
        }
        let kind = kind(resource)?;
        if kind == "AWS::CloudFormation::Stack" {
            let output = name
                .strip_prefix("Outputs.")
                .and_then(|name| self.outputs_of(id).map(|all| all.get(name).cloned()).transpose());
            return output.unwrap_or_else(|| Err(format!("{id} has no {name}")));
        }
        if name == "StreamArn" && resource["Properties"].get("StreamSpecification").is_none() {
            return Err(format!("{id} has no stream, so no {name}"));
        }
        let own_name = name_property(kind).and_then(|property| resource["Properties"].get(property));
        let own_name = own_name.map(|own_name| self.text(own_name)).transpose()?;
        let own_name = own_name.unwrap_or_else(|| format!("<{}{id}>", self.path));
        attribute(kind, &own_name, name).ok_or_else(|| format!("{kind} has no {name} that this reader knows ({id})"))
    }

    /// Deploys a nested stack, unless that is done, and answers its outputs.
    fn outputs_of(&mut self, id: &str) -> Result<Parameters, String> {
        if let Some(outputs) = self.nested.get(id) {
            return outputs.clone().ok_or_else(|| format!("{id} needs what needs {id}"));
        }
        self.nested.insert(id.to_owned(), None);
        let properties = &self.template["Resources"][id]["Properties"];
        let mut given = Parameters::new();
        for (name, value) in properties["Parameters"].as_object().into_iter().flatten() {
            given.insert(name.clone(), self.text(value)?);
        }
        let file = properties["TemplateURL"].as_str().unwrap_or_default();
        let outputs = deploy(self.templates, file, &format!("{}{id}.", self.path), &given, self.installation)?;
        self.nested.insert(id.to_owned(), Some(outputs.clone()));
        Ok(outputs)
    }

    /// `${Name}` and `${Resource.Attribute}` in a text.
    fn substitute(&mut self, pattern: &str) -> Result<String, String> {
        let mut parts = pattern.split("${");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').ok_or_else(|| format!("{pattern} has a ${{ without its }}"))?;
            let value = match name.split_once('.') {
                Some((id, attribute)) if !self.parameters.contains_key(name) => self.attribute(id, attribute)?,
                _ => self.reference(name)?,
            };
            whole.push_str(&value);
            whole.push_str(rest);
        }
        Ok(whole)
    }
}

/// The type of the rules that SAM makes of schedules.
const RULE: &str = "AWS::Events::Rule";

/// The schedules of a function, by name. SAM makes a rule of each, and calls it by both names.
fn schedules(resource: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let events = resource["Properties"]["Events"].as_object().into_iter().flatten();
    events.filter(|(_, event)| event["Type"] == "Schedule").map(|(name, event)| (name, &event["Properties"]))
}

fn kind(resource: &Value) -> Result<&str, String> {
    resource["Type"].as_str().ok_or_else(|| "a resource has no type".to_owned())
}

/// A function with its arguments, when `value` is one.
fn function(value: &Value) -> Option<(&str, &[Value])> {
    let (name, argument) = value.as_object().filter(|object| object.len() == 1)?.iter().next()?;
    if name != "Ref" && !name.starts_with("Fn::") {
        return None;
    }
    let arguments = argument.as_array().map_or(std::slice::from_ref(argument), Vec::as_slice);
    Some((name, arguments))
}
