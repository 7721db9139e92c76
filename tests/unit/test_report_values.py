"""The input of the report and its cheap check."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from feedback_triage.errors import SettingError
from feedback_triage.report import ReportPeriod
from feedback_triage.report.values import COLUMNS, empty_frame
from tests.support.report_input import empty_report_input, make_report_input

NOW = datetime(2026, 10, 19, tzinfo=UTC)


@pytest.mark.parametrize("name", COLUMNS)
def test_an_empty_frame_has_all_columns_and_no_rows(name):
    frame = empty_frame(name)
    assert (list(frame.columns), len(frame)) == (list(COLUMNS[name]), 0)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_missing_column_is_told_by_frame_and_name(name):
    column = COLUMNS[name][-1]
    with pytest.raises(ValueError, match=f"{name}: missing column {column}"):
        empty_report_input(**{name: empty_frame(name).drop(columns=column)})


def test_an_item_id_must_not_be_used_twice():
    items = make_report_input(n_background=0).items
    with pytest.raises(ValueError, match="a item_id is used twice"):
        empty_report_input(items=pd.concat([items, items.head(1)]))


def test_instants_need_a_time_zone():
    items = make_report_input(n_background=0).items
    with pytest.raises(ValueError, match=r"items\.written_at"):
        empty_report_input(items=items.assign(written_at=items["written_at"].dt.tz_localize(None)))
    with pytest.raises(ValueError, match="as_of"):
        empty_report_input(as_of=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        ReportPeriod(NOW.replace(tzinfo=None), NOW)


def test_a_period_must_end_after_it_starts():
    with pytest.raises(ValueError, match="after it starts"):
        ReportPeriod(NOW, NOW)


def test_an_unknown_time_zone_is_told_with_what_to_do():
    with pytest.raises(SettingError, match="Europe/Berlin"):
        empty_report_input(timezone="Nowhere/Atlantis")


def test_only_seven_days_are_called_this_week():
    assert ReportPeriod(NOW - timedelta(days=7), NOW).word == "this week"
    assert ReportPeriod(NOW - timedelta(days=30), NOW).word == "this period"
