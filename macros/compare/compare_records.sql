{# The diff: one row for each row of the target model, with its fate and what would be written.

   Three images are compared column by column, null-safe: what the target should hold (desired),
   what it holds (held) and what was last agreed (agreed). A column is
     0 equal · 1 changed at the source · 2 drift: only the target moved · 3 conflict: both moved
     4 written at first contact · 5 kept since, or at, first contact · 6 not persisted · 7 held at first contact.
   The policies `on_drift`, `on_conflict` (overwrite, keep, hold) and `on_first_contact` (these and fill) decide:
   of the column's meta, else of the changes model. More column meta in the target model: `compare: never` (computed by the target: sent on create only),
   `compare: lower` (case does not matter), `null_means: keep` (no value here: leave theirs),
   `sent_with: <column>` (the target fills it anew when that one changes: both are sent then). #}
{% macro compare_records(desired, held, agreed) -%}
{%- if execute -%}
    {%- set target_model = model.name | replace('compare_', 'target_', 1) -%}
    {%- set meta = node_named(model.name | replace('compare_', 'changes_', 1)).config.meta -%}
    {%- set writes = meta.writes -%}
    {%- do check_on_delete(meta.flow, writes) -%}
    {%- set columns = target_columns(target_model) -%}
    {%- set compared = compared_columns_of(target_model, writes) -%}
    {%- set taken_columns = _taken_columns(columns, compared, writes) -%}
    {%- set keeping = may_be_kept(compared, writes) %}
with desired as not materialized (select * from {{ desired }}),

held as not materialized (select * from {{ held }} where deleted_at is null),

agreed as not materialized (select * from {{ agreed }}),

to_judge as materialized (
    {{ _to_judge(columns, compared, writes) }}
),

taken as (
    {{ _taken_keys(writes) }}
),

valued as (
    {{ _valued(columns, compared, keeping, writes) }}
),

judged as (
    {{ _judged(compared, taken_columns, writes) }}
),

counted as (
    {{ _counted(compared, keeping, writes) }}
)

{{ _compared_row(meta.flow, columns, compared, keeping, taken_columns, writes) }}
from counted
union all
{{ unchanged_rows(meta.flow, writes, 'desired', 'to_judge', 'p2c_source_key') }}
{%- else -%}
select * from {{ desired }} cross join {{ held }} cross join {{ agreed }}
{%- endif -%}
{%- endmacro %}
