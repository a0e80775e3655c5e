"""Secrets stay where they are kept. Who may read a secret is said in permissions.py."""

import json
import re

FUNCTION = "AWS::Lambda::Function"
# CloudFormation replaces these by what they name, wherever they stand. Only `ssm` names plain text.
REFERENCE = re.compile(r"\{\{resolve:(?!ssm:)([a-z-]+)")


def no_variable_holds_a_secret(installation):
    """Whoever may look at a function's configuration, or at a stack, would read it there.

    Looks at every resource, for what is passed from one to the other ends in a variable too.
    """
    installation.of_type(FUNCTION)
    for resource in installation.resources():
        for kind in sorted(set(REFERENCE.findall(json.dumps(resource.properties)))):
            yield f"{resource}: is given the text of a secret ({kind}), not its name"
