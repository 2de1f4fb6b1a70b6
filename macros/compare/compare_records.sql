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
    {%- set names, held_values = _changed_names(compared, writes), _held_values(compared) -%}
    {%- set after_values, conditions = _desired_values(compared), _written_conditions(compared, writes) -%}
    {%- do _add_returned(names, held_values, after_values, conditions, taken_columns, compared, writes) -%}
    {%- set keeping = may_be_kept(compared, writes) %}
with desired as not materialized (select * from {{ desired }}),

held as not materialized (select * from {{ held }} where deleted_at is null),

agreed as not materialized (select * from {{ agreed }}),

to_judge as materialized (
    select
        desired.*,
        held.etag as p2c_etag,
        held.{{ snake(writes.key[-1]) }} is not null as p2c_is_there
        {%- for column in columns %},
        held.{{ column.staged }} as "held__{{ column.name }}"
        {%- endfor %}
        {%- for name in writes.deactivate or {} if name not in (columns | map(attribute='name') | list) %},
        held.{{ snake(name) }} as "held__{{ name }}"
        {%- endfor %}
    from desired
    left join held
        on {% for key in writes.key %}{{ ' and ' if not loop.first }}desired."{{ key }}" = held.{{ snake(key) }}{% endfor %}
    where not {{ _is_unchanged(compared, writes) }}
),

-- Keys of records that are gone at the source, and that another source record has.
taken as (
    select distinct {% for key in writes.key %}{{ ', ' if not loop.first }}"{{ key }}"{% endfor %}
    from desired
    where
        not p2c_deleted and p2c_filtered is null
        and exists (
            select 1 from to_judge as gone
            where gone.p2c_deleted{% for key in writes.key %} and gone."{{ key }}" = desired."{{ key }}"{% endfor %}
        )
),

-- Beside them what was agreed, and what several columns are judged by.
valued as (
    select
        desired.*,
        agreed.agreed_at is not null as p2c_is_agreed,
        {{ is_first_contact() }} as p2c_is_new_pair,
        agreed.p2c_left_off,
        agreed.p2c_unknown,
        agreed.p2c_kept,
        agreed.p2c_not_persisted
        {%- for column in compared %},
        agreed."{{ column.name }}" as "agreed__{{ column.name }}",
        {{ holds_nothing(column, writes) }} as "nothing__{{ column.name }}"
        {%- if column in keeping %},
        coalesce({{ json_has('agreed.p2c_kept', column.name) }}, false) as "kept__{{ column.name }}"
        {%- endif %}
        {%- endfor %}
        {%- for name, conditions in _free_groups(columns, writes).items() %},
        {{ conditions | join(' and ') }} as "free__{{ name }}"
        {%- endfor %}
    from to_judge as desired
    left join agreed on desired.p2c_record_key = agreed.record_key
),

judged as (
    select
        desired.*,
        {{ _already_gone(writes) }} as p2c_is_gone,
        {{ _is_returned(taken_columns, writes) }} as p2c_is_returned,
        taken."{{ writes.key[-1] }}" is not null as p2c_is_taken
        {%- for column in compared %},
        {{ _column_state(column, writes) }} as "state__{{ column.name }}"
        {%- endfor %}
    from valued as desired
    left join taken
        on {% for key in writes.key %}{{ ' and ' if not loop.first }}desired."{{ key }}" = taken."{{ key }}"{% endfor %}
),

counted as (
    select
        *,
        {{ 'update' in writes.operations }} and coalesce(
            p2c_is_there and p2c_is_new_pair and not p2c_deleted and p2c_filtered is null and p2c_reasons = '[]'
            and {{ _any_state(compared, [4, 5, 7]) }}, false
        ) as is_first_contact,
        {{ _any_state(keeping, [5]) }} as has_kept,
        {{ _kept_moved(keeping) }} as has_kept_moved,
        {{ _any_state(compared, [2]) }} as has_drift,
        {{ _any_state(compared, [3]) }} as has_conflict,
        {{ _held_names(compared, writes) }} as held_names,
        {{ _any_written(compared, writes) }} as has_changes
    from judged
)

select
    '{{ meta.flow }}' as flow,
    '{{ writes.system }}.{{ writes.entity_set }}' as target,
    p2c_source_key as source_key,
    p2c_record_key as record_key,
    p2c_record_id as record_id,
    {{ _key_values(writes) }} as key_values,
    p2c_etag as etag,
    {{ _fate(writes) }} as fate,
    {{ _is_drift(writes) }} as is_drift,
    is_first_contact,
    {{ _detail(writes) }} as detail,
    {{ json_array(names) }} as changed_columns,
    {%- set taken_held = _held_values(taken_columns) %}
    {{ 'case when p2c_deleted then ' ~ json_object(taken_held) ~ ' else ' if taken_held }}
    {{ json_object(held_values, conditions) }}
    {{ 'end ' if taken_held }}as before_image,
    case
        when p2c_is_there
            then {{ json_object(after_values, conditions) }}
        else {{ json_object(_desired_values(columns), _not_null_conditions(columns)) }}
    end as after_image,
    p2c_parents as parents,
    {{ _agreement(compared, keeping, writes) }} as agreement,
    {{ _differences(compared, writes) }} as differences,
    p2c_is_there
    and (not p2c_is_agreed or p2c_unknown is not null or has_kept_moved or {{ _any_moved(compared, keeping) }})
        as is_newly_agreed,
    coalesce(p2c_is_there, false) as is_there,
    coalesce(p2c_deleted, false) as is_gone,
    {{ json_array(_differing_names(compared, writes)) }} as differing_columns,
    false as is_unchanged
from counted
union all
{{ unchanged_rows(meta.flow, writes, 'desired', 'to_judge', 'p2c_source_key') }}
{%- else -%}
select * from {{ desired }} cross join {{ held }} cross join {{ agreed }}
{%- endif -%}
{%- endmacro %}

{% macro _key_values(writes) -%}
    {%- set members = {} -%}
    {%- for key in writes.key %}{% do members.update({key: '"' ~ key ~ '"'}) %}{% endfor -%}
    {{ json_object(members) }}
{%- endmacro %}
