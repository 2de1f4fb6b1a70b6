{# A judged record as a row of the comparison, which all of them have alike (models/compare/_compare.yml). #}
{% macro _compared_row(flow, columns, compared, keeping, taken_columns, writes) -%}
    {%- set names, held_values = _changed_names(compared, writes), _held_values(compared) -%}
    {%- set after_values, conditions = _desired_values(compared), _written_conditions(compared, writes) -%}
    {%- do _add_returned(names, held_values, after_values, conditions, taken_columns, compared, writes) -%}
select
    '{{ flow }}' as flow,
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
{%- endmacro %}

{% macro _key_values(writes) -%}
    {%- set members = {} -%}
    {%- for key in writes.key %}{% do members.update({key: '"' ~ key ~ '"'}) %}{% endfor -%}
    {{ json_object(members) }}
{%- endmacro %}

{# What the ledger keeps of a record, beside what is written, so that both systems' agreement can be told from
   it alone: {"first_contact": …, "held": all columns as they are there, "kept": what the source has in those
   that are left}. Null where nothing is left and nothing begins. #}
{% macro _agreement(columns, keeping, writes) -%}
    {%- set kept = {} -%}
    {%- for column in keeping -%}
        {%- do kept.update({column.name: '"state__' ~ column.name ~ '" = 5 and not ' ~ _is_sent(column, columns, writes)}) -%}
    {%- endfor -%}
    case
        when p2c_is_there and (is_first_contact or has_kept or has_kept_moved) and {{ 'update' in writes.operations }}
            then '{"first_contact":' || {{ json_value('is_first_contact') }}
                || ',"held":' || {{ json_object(_held_values(columns)) }}
                || ',"kept":' || {{ json_object(_desired_values(keeping), kept) }} || '}'
    end
{%- endmacro %}
