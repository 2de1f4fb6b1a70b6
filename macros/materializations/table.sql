{# A table of DuckDB, replaced in one transaction (replace_relation). The adapter's own way (build, rename twice,
   look for foreign keys and indexes, drop) is a fifth of a build's time, and none of the models has an index or
   a foreign key. #}
{% materialization table, adapter="duckdb", supported_languages=['sql'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {% do replace_relation(target_relation, create_table_as(False, target_relation, compiled_code)) %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
