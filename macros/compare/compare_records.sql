{# The diff: one row for each row of the target model, with its fate and what would be written.

   Three images are compared column by column, null-safe: what the target should hold (desired),
   what it holds (held) and what was last agreed (agreed). A column is
     0 equal · 1 changed at the source · 2 drift: only the target moved · 3 conflict: both moved.
   The policies `on_drift` and `on_conflict` of the changes model decide: overwrite, keep or hold.
   Column meta in the target model: `compare: never` (computed by the target: sent on create only),
   `compare: lower` (case does not matter), `null_means: keep` (no value here: leave theirs),
   `sent_with: <column>` (the target fills it anew when that one changes: both are sent then). #}
{% macro compare_records(desired, held, agreed) -%}
{%- if execute -%}
    {%- set target_model = model.name | replace('compare_', 'target_', 1) -%}
    {%- set meta = node_named(model.name | replace('compare_', 'changes_', 1)).config.meta -%}
    {%- set writes = meta.writes -%}
    {%- do check_on_delete(meta.flow, writes) -%}
    {%- set columns = target_columns(target_model) -%}
    {%- set compared = columns | rejectattr('name', 'in', writes.key)
        | rejectattr('compare', 'equalto', 'never') | list -%}
with desired as (select * from {{ desired }}),

held as (select * from {{ held }} where deleted_at is null),

agreed as (select * from {{ agreed }}),

judged as (
    select
        desired.*,
        held.etag as p2c_etag,
        held.{{ snake(writes.key[-1]) }} is not null as p2c_is_there,
        agreed.agreed_at is not null as p2c_is_agreed,
        {{ _already_gone(writes) }} as p2c_is_gone,
        -- Another source record stands for it now: a number that was entered again, another revision.
        max(case when not desired.p2c_deleted and desired.p2c_filtered is null then 1 else 0 end) over (
            partition by {% for key in writes.key %}{{ ', ' if not loop.first }}desired."{{ key }}"{% endfor %}
        ) = 1 as p2c_is_taken
        {%- for column in columns %},
        {{ _held_value(column) }} as "held__{{ column.name }}"
        {%- endfor %}
        {%- for column in compared %},
        {{ _column_state(column) }} as "state__{{ column.name }}",
        {{ _agreed_moved(column) }} as "moved__{{ column.name }}"
        {%- endfor %}
    from desired
    left join held
        on {% for key in writes.key %}{{ ' and ' if not loop.first }}desired."{{ key }}" = held.{{ snake(key) }}{% endfor %}
    left join agreed on desired.p2c_record_key = agreed.record_key
),

counted as (
    select
        *,
        {{ _any_state(compared, 2) }} as has_drift,
        {{ _any_state(compared, 3) }} as has_conflict,
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
    {{ _detail(writes) }} as detail,
    {{ json_array(_changed_names(compared, writes)) }} as changed_columns,
    {{ json_object(_held_values(compared), _written_conditions(compared, writes)) }} as before_image,
    case
        when p2c_is_there
            then {{ json_object(_desired_values(compared), _written_conditions(compared, writes)) }}
        else {{ json_object(_desired_values(columns), _not_null_conditions(columns)) }}
    end as after_image,
    p2c_parents as parents,
    p2c_is_there
    and (not p2c_is_agreed or {{ _any_moved(compared) }}) as is_newly_agreed
from counted
{%- else -%}
select * from {{ desired }} cross join {{ held }} cross join {{ agreed }}
{%- endif -%}
{%- endmacro %}

{# The order of these tests is the order in which a record is judged; each has exactly one fate. #}
{% macro _fate(writes) -%}
    case
        when
            p2c_deleted and p2c_is_there and not p2c_is_gone and not p2c_is_taken
            and p2c_filtered is null and p2c_reasons = '[]'
            and '{{ writes.on_delete | default("ignore") }}' <> 'ignore'
            then 'deactivate'
        when p2c_deleted or p2c_filtered is not null then 'filtered'
        when p2c_reasons <> '[]' then 'rejected'
        when p2c_blocked is not null then 'blocked'
        when not p2c_is_there then {{ "'create'" if 'create' in writes.operations else "'filtered'" }}
        {%- if 'update' not in writes.operations %}
        else 'identical'
        {%- else %}
        when {{ _is_held(writes) }} then 'conflict'
        when has_changes then 'update'
        else 'identical'
        {%- endif %}
    end
{%- endmacro %}

{% macro _detail(writes) -%}
    case
        when p2c_deleted and p2c_is_there and p2c_is_taken then 'gone at the source, and another record has its key'
        {%- if writes.on_delete | default('ignore') != 'ignore' %}
        when p2c_deleted and p2c_filtered is not null then p2c_filtered
        {%- endif %}
        when p2c_deleted then 'gone at the source (on_delete: {{ writes.on_delete | default("ignore") }})'
        when p2c_filtered is not null then p2c_filtered
        when p2c_reasons <> '[]' then p2c_reasons
        when p2c_blocked is not null then p2c_blocked
        when not p2c_is_there then {{ "cast(null as varchar)" if 'create' in writes.operations else "'not there, and this flow only updates'" }}
        {%- if 'update' in writes.operations %}
        when has_conflict and {{ _is_held(writes) }} then 'both systems changed it since they last agreed'
        when has_drift then 'changed in {{ writes.system }} since the systems last agreed (on_drift: {{ writes.on_drift | default("overwrite") }})'
        {%- else %}
        else 'there already, and this flow only creates'
        {%- endif %}
    end
{%- endmacro %}

{# Out of scope, or only created here: the target owns the record and may change it (G6, O1). #}
{% macro _is_drift(writes) -%}
    {%- if 'update' in writes.operations -%}
        coalesce(p2c_is_there and has_drift and not p2c_deleted and p2c_filtered is null, false)
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}

{% macro _is_held(writes) -%}
    ({{ 'has_drift' if writes.on_drift == 'hold' else 'false' }}
    or {{ 'has_conflict' if writes.on_conflict | default('hold') == 'hold' else 'false' }})
{%- endmacro %}

{# Already as `deactivate` would leave it; a record to delete is never "already gone" here. #}
{% macro _already_gone(writes) -%}
    {%- if writes.on_delete == 'deactivate' and writes.deactivate -%}
        coalesce({% for name, value in writes.deactivate.items() %}
            {{- ' and ' if not loop.first }}held.{{ snake(name) }} = {{ "'" ~ value ~ "'" if value is string else value }}
        {%- endfor %}, false)
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}

{% macro _held_value(column) -%}held.{{ column.staged }}{%- endmacro %}

{% macro _comparable(expression, column) -%}
    {{- 'lower(' ~ expression ~ ')' if column.compare == 'lower' else expression -}}
{%- endmacro %}

{% macro _column_state(column) -%}
    {%- set desired = _comparable('desired."' ~ column.name ~ '"', column) -%}
    {%- set held = _comparable(_held_value(column), column) -%}
    {%- set agreed = _comparable('agreed."' ~ column.name ~ '"', column) -%}
    case
        {%- if column.null_means == 'keep' %}
        when {{ desired }} is null then 0
        {%- endif %}
        when {{ desired }} is not distinct from {{ held }} then 0
        when {{ is_not_kept(column) }}
            then case when desired."{{ column.name }}" is not distinct from {{ not_kept_value(column) }} then 0 else 1 end
        when agreed.agreed_at is null or {{ is_unknown(column) }} or {{ held }} is not distinct from {{ agreed }} then 1
        when {{ desired }} is not distinct from {{ agreed }} then 2
        else 3
    end
{%- endmacro %}

{% macro _agreed_moved(column) -%}
    ({{ is_unknown(column) }} or agreed."{{ column.name }}" is distinct from {{ _held_value(column) }})
{%- endmacro %}

{% macro _is_written(column, writes) -%}
    {%- set states = [1] -%}
    {%- if writes.on_drift != 'keep' %}{% do states.append(2) %}{% endif -%}
    {%- if writes.on_conflict != 'keep' %}{% do states.append(3) %}{% endif -%}
    "state__{{ column.name }}" in ({{ states | join(', ') }})
{%- endmacro %}

{# Written itself, or sent along with the column that makes the target fill it anew. #}
{% macro _is_sent(column, columns, writes) -%}
    {%- if not column.sent_with -%}
        {{ return(_is_written(column, writes)) }}
    {%- endif -%}
    {%- set leading = columns | selectattr('name', 'equalto', column.sent_with) | list -%}
    {%- if not leading -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': ' ~ column.name ~ ' is `sent_with: '
            ~ column.sent_with ~ '`, which is no column that is compared.') }}
    {%- endif -%}
    {%- set keeps = ' and "' ~ column.name ~ '" is not null' if column.null_means == 'keep' else '' -%}
    {{ return('(' ~ _is_written(column, writes) ~ ' or (' ~ _is_written(leading[0], writes) ~ keeps ~ '))') }}
{%- endmacro %}

{% macro _any(conditions) -%}
    ({%- for condition in conditions %}{{ ' or ' if not loop.first }}{{ condition }}{% else %}false{% endfor -%})
{%- endmacro %}

{% macro _any_state(columns, state) -%}
    {%- set conditions = [] -%}
    {%- for column in columns %}{% do conditions.append('"state__' ~ column.name ~ '" = ' ~ state) %}{% endfor -%}
    {{ _any(conditions) }}
{%- endmacro %}

{% macro _any_written(columns, writes) -%}
    {%- set conditions = [] -%}
    {%- for column in columns %}{% do conditions.append(_is_written(column, writes)) %}{% endfor -%}
    {{ _any(conditions) }}
{%- endmacro %}

{% macro _any_moved(columns) -%}
    {%- set conditions = [] -%}
    {%- for column in columns %}{% do conditions.append('"moved__' ~ column.name ~ '"') %}{% endfor -%}
    {{ _any(conditions) }}
{%- endmacro %}

{% macro _changed_names(columns, writes) -%}
    {%- set items = [] -%}
    {%- for column in columns -%}
        {%- do items.append('case when ' ~ _is_written(column, writes) ~ " then '\"" ~ column.name ~ "\"' end") -%}
    {%- endfor -%}
    {{ return(items) }}
{%- endmacro %}

{% macro _held_values(columns) -%}
    {%- set members = {} -%}
    {%- for column in columns %}{% do members.update({column.name: '"held__' ~ column.name ~ '"'}) %}{% endfor -%}
    {{ return(members) }}
{%- endmacro %}

{% macro _desired_values(columns) -%}
    {%- set members = {} -%}
    {%- for column in columns %}{% do members.update({column.name: '"' ~ column.name ~ '"'}) %}{% endfor -%}
    {{ return(members) }}
{%- endmacro %}

{% macro _written_conditions(columns, writes) -%}
    {%- set conditions = {} -%}
    {%- for column in columns %}{% do conditions.update({column.name: _is_sent(column, columns, writes)}) %}{% endfor -%}
    {{ return(conditions) }}
{%- endmacro %}

{% macro _not_null_conditions(columns) -%}
    {%- set conditions = {} -%}
    {%- for column in columns %}{% do conditions.update({column.name: '"' ~ column.name ~ '" is not null'}) %}{% endfor -%}
    {{ return(conditions) }}
{%- endmacro %}

{% macro _key_values(writes) -%}
    {%- set members = {} -%}
    {%- for key in writes.key %}{% do members.update({key: '"' ~ key ~ '"'}) %}{% endfor -%}
    {{ json_object(members) }}
{%- endmacro %}
