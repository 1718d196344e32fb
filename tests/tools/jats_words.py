"""Makes twenty articles in the shapes of PubMed Central, imports them, and compares the words with lxml's itertext.

Usage: python3 tests/tools/jats_words.py target/debug/postil FOLDER   (FOLDER is emptied; needs lxml)
"""
import re, subprocess, sys, random, shutil
from pathlib import Path
from lxml import etree, html as lhtml
postil = sys.argv[1]
work = Path(sys.argv[2]); shutil.rmtree(work, ignore_errors=True); work.mkdir(parents=True)
NS = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML"'
HEAD = '<front><journal-meta><journal-title-group><journal-title>J. Example</journal-title></journal-title-group></journal-meta><article-meta><article-id pub-id-type="pmc">PMC{n}</article-id><article-id pub-id-type="doi">10.1234/ex.{n}</article-id><title-group><article-title>Article {n} on <italic>things</italic></article-title></title-group><contrib-group><contrib contrib-type="author"><name><surname>Roe</surname><given-names>Jane A</given-names></name></contrib><contrib contrib-type="author"><collab>The Group</collab></contrib></contrib-group><pub-date pub-type="epub"><day>5</day><month>3</month><year>2021</year></pub-date><permissions><license xlink:href="https://creativecommons.org/licenses/by/4.0/"><license-p>CC BY</license-p></license></permissions>{abstract}</article-meta></front>'
A = [
 '<abstract><p>We tested <italic>x</italic> in 12 people (<italic>p</italic> &lt; 0.05).</p></abstract>',
 '<abstract><sec><title>Background</title><p>One.</p></sec><sec><title>Results</title><p>Two &#8211; three.</p></sec></abstract>', '']
B = [
 '<sec id="s1"><title>Introduction</title><p>Words <xref ref-type="bibr" rid="r1">1</xref>,<xref ref-type="bibr" rid="r2">2</xref> and more.</p></sec>',
 '<sec><label>1</label><title>Methods</title><sec><label>1.1</label><title>Design</title><p>H<sub>2</sub>O and 10<sup>3</sup> <bold>bold</bold><italic>italic</italic>.</p></sec></sec>',
 '<sec><title>Lists</title><p>Before<list list-type="order"><list-item><p>first</p></list-item><list-item><p>second</p><p>more</p></list-item></list>after.</p></sec>',
 '<sec><title>Table</title><p>See <xref ref-type="table" rid="t1">Table 1</xref>.</p><table-wrap id="t1"><label>Table 1</label><caption><title>Doses</title><p>By arm.</p></caption><table><thead><tr><th>Arm</th><th>Dose</th></tr></thead><tbody><tr><td>A</td><td>5&#160;mg</td></tr><tr><td colspan="2">none</td></tr></tbody></table><table-wrap-foot><fn id="tf1"><label>a</label><p>Daily.</p></fn></table-wrap-foot></table-wrap></sec>',
 '<sec><title>Formula</title><p>Let <inline-formula><mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup><mml:mo>=</mml:mo><mml:mn>4</mml:mn></mml:math></inline-formula> hold.</p><disp-formula id="e1"><label>(1)</label><mml:math display="block"><mml:mfrac><mml:mi>a</mml:mi><mml:mi>b</mml:mi></mml:mfrac></mml:math></disp-formula></sec>',
 '<sec><title>Figure</title><fig id="f1"><label>Figure 1.</label><caption><p>A chart of <italic>users</italic>.</p></caption><graphic xlink:href="gr1"/></fig><p>As in <xref ref-type="fig" rid="f1">Fig. 1</xref>.</p></sec>',
 '<sec><title>Quote &amp; marks</title><disp-quote><p>It gave me * my life_back #1 [x].</p></disp-quote><p>1. not a list. - nor this; a|b ~~c~~ &lt;tag&gt; `code`.</p></sec>',
 '<sec><title>Links</title><p>At <ext-link ext-link-type="uri" xlink:href="https://example.org/a_b">https://example.org/a_b</ext-link>; <email>a@b.org</email>.</p></sec>',
 '<boxed-text><caption><title>Box</title></caption><p>Key points.</p></boxed-text><p>Loose paragraph.</p>',
 '<sec><title>Definitions</title><def-list><def-item><term>RCT</term><def><p>randomized trial</p></def></def-item></def-list><p><monospace>a b</monospace> <underline>u</underline> <sc>Small</sc>.</p></sec>',
 '<sec><title>Statement</title><statement><label>Theorem 1</label><p>All is well.</p></statement><verse-group><verse-line>One line</verse-line><verse-line>two lines</verse-line></verse-group></sec>',
]
BACK = [
 '<back><ack><title>Acknowledgements</title><p>Thanks.</p></ack><ref-list><title>References</title><ref id="r1"><label>1.</label><mixed-citation publication-type="journal"><name><surname>Roe</surname> <given-names>J</given-names></name>. <article-title>A study</article-title>. <source>J Ex</source>. <year>2019</year>;<volume>3</volume>:<fpage>1</fpage>-<lpage>9</lpage>. doi:<pub-id pub-id-type="doi">10.1234/abc</pub-id></mixed-citation></ref><ref id="r2"><label>2.</label><mixed-citation>Doe. A book. 2001.</mixed-citation></ref></ref-list></back>',
 '<back><fn-group><fn id="fn1" fn-type="conflict"><p>No conflict.</p></fn></fn-group><app-group><app><title>Appendix</title><p>More.</p></app></app-group></back>', '']
def squeeze(s): return re.sub(r'\s+', '', s)
rng = random.Random(7); bad = 0
for n in range(1, 21):
    body = ''.join(rng.sample(B, rng.randint(3, len(B))))
    xml = f'<?xml version="1.0"?><!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving and Interchange DTD v1.3//EN" "JATS.dtd"><article {NS} article-type="research-article" xml:lang="en">' + HEAD.format(n=n, abstract=A[n % 3]) + f'<body>{body}</body>' + BACK[n % 3] + '</article>'
    f = work / f'a{n}.xml'; f.write_text(xml)
    site = work / f'site{n}'; site.mkdir(); (site / 'site.toml').write_text('title = "T"\n')
    r = subprocess.run([postil, 'import', f, '--site', site, '--into', 'a', '--works'], capture_output=True, text=True)
    if r.returncode: print(n, r.stdout, r.stderr); bad += 1; continue
    b = subprocess.run([postil, 'build', site], capture_output=True, text=True)
    if b.returncode: print(n, 'build', b.stderr, b.stdout); bad += 1; continue
    page = lhtml.parse(str(site / 'public/a/index.html')).getroot()
    got = squeeze(''.join(page.get_element_by_id('source').itertext()))
    root = etree.fromstring(xml.encode())
    parts = root.xpath('front/article-meta/abstract') + root.xpath('body') + root.xpath('back')
    want = squeeze(''.join(''.join(p.itertext()) for p in parts))
    if got != want:
        k = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
        print(n, 'differs at', k, repr(got[max(0,k-40):k+40]), repr(want[max(0,k-40):k+40])); bad += 1
print('articles 20, unequal', bad)
