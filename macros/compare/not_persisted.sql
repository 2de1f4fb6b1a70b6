{# Values that a service took and did not persist: `p2c verify` found them when it read them back. They
   count as equal until what is to be written changes, so that they are not written for ever. #}

{# The newest write of each column of each record with a value that was not persisted, if it was not
   then: record_key, column_name, written, held (both JSON), finished_at. #}
{% macro not_persisted_writes(condition) -%}
    select record_key, system, entity_set, flow, column_name, written, held, finished_at, error_message
    from (
        select
            *,
            json_extract("after", '$."' || column_name || '"') as written,
            json_extract(not_persisted, '$."' || column_name || '"') as held,
            row_number() over (
                partition by system, entity_set, flow, record_key, column_name
                order by finished_at desc, write_id desc
            ) as newest
        from (
            select *, unnest(json_keys("after")) as column_name
            from ledger.writes
            where
                operation in ('create', 'update') and status in ('acknowledged', 'verified')
                and {{ condition }}
                and record_key in (select record_key from ledger.writes where not_persisted is not null)
        )
    )
    where newest = 1 and held is not null
{%- endmacro %}

{# Before comparing: put them beside what is agreed, where the comparison finds them. A record of which
   nothing is agreed yet gets a memory without `agreed_at`: all it knows is what was not persisted. #}
{% macro remember_not_persisted(agreed, condition) -%}
{%- set found -%}
select record_key, cast(json_group_object(column_name, written) as varchar) as value
from ({{ not_persisted_writes(condition) }})
group by record_key
{%- endset -%}
{{ note_beside(agreed, 'p2c_not_persisted', found) }}
{%- endmacro %}

{# Whether the target persisted something else the last time this column was written. #}
{% macro is_not_persisted(column) -%}
    {{ json_has('desired.p2c_not_persisted', column.name) }}
{%- endmacro %}

{# What was written then. #}
{% macro not_persisted_value(column) -%}
    cast({{ json_text('desired.p2c_not_persisted', column.name) }} as {{ column.type }})
{%- endmacro %}
