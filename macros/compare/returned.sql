{# A record that was gone at the source, was deactivated here, and is back: what the deactivation took is written
   again (G7). The ledger has what it was; nothing is touched that a person has set since. #}

{# The columns that a deactivation writes, of a flow that updates, as [{name, held, compared}]. #}
{% macro _taken_columns(columns, compared, writes) -%}
    {%- set found = [] -%}
    {%- for name in (writes.deactivate or {}) if 'update' in writes.operations -%}
        {%- do found.append({
            'name': name,
            'staged': snake(name),
            'is_mapped': name in (columns | map(attribute='name') | list),
            'compared': (compared | selectattr('name', 'equalto', name) | list | first),
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Whether the record is as `deactivate` would leave it. #}
{% macro _held_as_left(writes) -%}
    ({% for name, value in writes.deactivate.items() %}
        {{- ' and ' if not loop.first }}desired."held__{{ name }}" = {{ "'" ~ value ~ "'" if value is string else value }}
    {%- endfor %})
{%- endmacro %}

{# Where the mapping has a value for such a column, that one counts and not what the ledger kept. #}
{% macro _is_unsaid(taken, prefix='') -%}
    {%- if not taken.compared -%}
        true
    {%- elif taken.compared.null_means == 'keep' -%}
        {{ prefix }}"{{ taken.name }}" is null
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}

{% macro _is_returned(taken_columns, writes) -%}
    {%- set unsaid = [] -%}
    {%- for taken in taken_columns %}{% do unsaid.append(_is_unsaid(taken, 'desired.')) %}{% endfor -%}
    {%- if unsaid -%}
        coalesce(
            desired.p2c_left_off <> '' and not desired.p2c_deleted and {{ _held_as_left(writes) }} and {{ _any(unsaid) }},
            false
        )
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}

{# These are added to what an update writes: names, what is held, what is written, and the conditions. #}
{% macro _add_returned(names, held, after, conditions, taken_columns, compared, writes) -%}
    {%- for taken in taken_columns -%}
        {%- set is_back = 'p2c_is_returned and ' ~ _is_unsaid(taken) -%}
        {%- set given_back = json_member('p2c_left_off', taken.name) -%}
        {%- do names.append('case when ' ~ is_back ~ " then '\"" ~ taken.name ~ "\"' end") -%}
        {%- do held.update({taken.name: '"held__' ~ taken.name ~ '"'}) -%}
        {%- do after.update({taken.name:
            'case when ' ~ is_back ~ ' then ' ~ given_back ~ ' else ' ~ json_typed('"' ~ taken.name ~ '"') ~ ' end'
            if taken.compared else given_back}) -%}
        {%- do conditions.update({taken.name:
            '(' ~ is_back ~ ' or ' ~ (_is_sent(taken.compared, compared, writes) if taken.compared else 'false') ~ ')'}) -%}
    {%- endfor -%}
{%- endmacro %}

{# Before comparing: records whose last write deactivated them, with what they held before. What it wrote is
   agreed, so that a value that is back is a change at the source and no drift. #}
{% macro remember_deactivated(agreed, of_this_flow, columns, writes) -%}
update {{ agreed }} set p2c_left_off = null where p2c_left_off is not null;
{%- if writes.deactivate and 'update' in writes.operations %}
{%- set last -%}
    select record_key, {{ last_of('operation', 'finished_at') }} as operation,
        {{ last_of("coalesce(\"before\", '')", 'finished_at') }} as "before", max(finished_at) as finished_at
    from ledger.writes
    where
        {{ of_this_flow }} and status in ('acknowledged', 'verified')
        and record_key in (select record_key from ledger.writes where {{ of_this_flow }} and operation = 'deactivate')
    group by record_key
{%- endset %}
update {{ agreed }} as agreed set p2c_left_off = last."before", p2c_pair_hash = null
from ({{ last }}) as last
where agreed.record_key = last.record_key and last.operation = 'deactivate' and agreed.agreed_at is not null;
{%- set mapped = columns | selectattr('name', 'in', writes.deactivate.keys() | list) | list %}
{%- if mapped %}
update {{ agreed }} as agreed set
    {%- for column in mapped %}
    "{{ column.name }}" = cast('{{ writes.deactivate[column.name] }}' as {{ column.type }}),
    {%- endfor %}
    agreed_at = last.finished_at,
    p2c_pair_hash = null
from ({{ last }}) as last
where
    agreed.record_key = last.record_key and last.operation = 'deactivate' and agreed.agreed_at < last.finished_at;
{%- endif %}
{%- endif %}
{%- endmacro %}
