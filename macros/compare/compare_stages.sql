{# The stages of the comparison, each a query on the one before (compare_records.sql). #}

{# Records that are not plainly unchanged: what they should hold beside what they hold. #}
{% macro _to_judge(columns, compared, writes) -%}
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
{%- endmacro %}

{# Keys of records that are gone at the source, and that another source record has. #}
{% macro _taken_keys(writes) -%}
    select distinct {% for key in writes.key %}{{ ', ' if not loop.first }}"{{ key }}"{% endfor %}
    from desired
    where
        not p2c_deleted and p2c_filtered is null
        and exists (
            select 1 from to_judge as gone
            where gone.p2c_deleted{% for key in writes.key %} and gone."{{ key }}" = desired."{{ key }}"{% endfor %}
        )
{%- endmacro %}

{# Beside them what was agreed, and what several columns are judged by. #}
{% macro _valued(columns, compared, keeping, writes) -%}
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
{%- endmacro %}

{# Each column's state. #}
{% macro _judged(compared, taken_columns, writes) -%}
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
{%- endmacro %}

{# Each record's states taken together. #}
{% macro _counted(compared, keeping, writes) -%}
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
{%- endmacro %}
