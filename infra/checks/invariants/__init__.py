"""What must hold for the templates, as one table: a name, and a function from an installation to complaints.

What can be judged by looking at one resource is a Guard rule (rules/*.guard, read by guard.py); what
takes two, or a reference from one template to another, is written here in Python. A complaint begins
with the template and the resource that it is about.
"""

import guard
from templates import NothingToCheck

from . import alarms, api, functions, names, nesting, permissions, queues, rollout, secrets

IN_PYTHON = (
    queues.every_queue_has_a_dead_letter_queue,
    queues.every_dead_letter_queue_has_an_alarm,
    queues.every_event_source_has_a_failure_path,
    queues.every_rule_target_has_a_dead_letter_queue,
    queues.every_queue_outwaits_its_function,
    queues.every_failure_is_kept_for_two_weeks,
    queues.every_schedule_has_a_heartbeat_alarm,
    queues.every_queue_and_topic_refuses_plain_http,
    functions.every_function_has_a_role_of_its_own,
    functions.every_function_has_a_log_group_of_its_own,
    functions.every_function_is_published_behind_an_alias,
    functions.every_invoker_goes_to_the_alias,
    permissions.history_is_only_appended_to,
    permissions.every_granted_resource_is_ours,
    permissions.the_witness_is_apart_from_who_writes,
    secrets.no_variable_holds_a_secret,
    alarms.every_alarm_notifies_the_topic,
    alarms.alarms_can_publish,
    alarms.every_index_has_an_alarm,
    api.access_logs_are_json,
    api.access_logs_hold_no_text_of_callers,
    api.every_open_route_has_a_limit_of_its_own,
    api.every_limit_of_a_route_comes_after_it,
    names.every_name_that_regions_share_has_the_region,
    names.every_text_in_a_dashboard_is_limited,
    rollout.every_class_has_every_key,
    rollout.production_rolls_out_gradually,
    rollout.every_rollout_is_watched_by_alarms_on_its_version,
    nesting.every_template_is_nested,
    nesting.every_passed_parameter_is_declared,
    nesting.every_required_parameter_is_passed,
    nesting.every_output_that_is_read_exists,
)


def _never_idle(check):
    def judge(installation):
        try:
            return list(check(installation))
        except NothingToCheck as nothing:
            return [f"skipped: {nothing}"]

    return judge


CHECKS = {check.__name__.replace("_", "-"): _never_idle(check) for check in IN_PYTHON}
CHECKS |= guard.checks()
