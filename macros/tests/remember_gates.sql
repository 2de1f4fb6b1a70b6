{# At the end of a build: the rows for which each gate failed, so that whoever plans can say which record
   it is and hold back the flows it concerns. A gate that was judged again is forgotten first. #}
{% macro remember_gates(results) -%}
{%- if execute and flags.WHICH in ('build', 'test') %}
create schema if not exists quality;
create table if not exists quality.failed_gates (test varchar, failed_row varchar);
{%- for result in results if result.node.resource_type == 'test' and 'gate' in result.node.tags %}
delete from quality.failed_gates where test = '{{ result.node.unique_id }}';
{%- if result.status in ('fail', 'warn') %}
insert into quality.failed_gates
select '{{ result.node.unique_id }}' as test, cast(to_json(failed) as varchar) as failed_row
from ({{ result.node.compiled_code }}) as failed
limit 1000;
{%- endif %}
{%- endfor %}
{%- else -%}
select 1
{%- endif %}
{%- endmacro %}
