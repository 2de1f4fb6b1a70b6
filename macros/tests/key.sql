{# The column or columns are a key: none is null, and no two rows share their values. One query instead
   of one for each column, since every run waits for the keys' tests before it writes. #}
{% test key(model, column_name=none, columns=none) %}
{% set names = columns or [column_name] %}
select {{ names | map('tojson') | join(', ') }}, count(*) as n
from {{ model }}
group by {{ names | map('tojson') | join(', ') }}
having count(*) > 1
{% for name in names %}
    or {{ name | tojson }} is null
{% endfor %}
{% endtest %}
