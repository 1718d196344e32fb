//! STUB
use std::sync::Arc; use crate::diagnostic::Diagnostics; use crate::span::*; use std::ops::Range;
#[derive(Default, Debug)] pub struct Bibliography; #[derive(Debug)] pub struct Work { pub key: String, pub place: Place, pub title: String }
pub enum Style<'a> { Named(&'a str, Place), Csl(Arc<File>) }
#[derive(Debug,Clone,Copy)] pub enum Form { Bracketed, InText, Listed }
#[derive(Debug)] pub struct Cluster { pub items: Vec<CitedWork>, pub form: Form }
#[derive(Debug,Default)] pub struct CitedWork { pub key: String, pub locator: String }
pub struct Citations { pub clusters: Vec<String>, pub works: Vec<ListedWork> }
#[derive(Debug)] pub struct ListedWork { pub key: String, pub label: Option<String>, pub html: String }
impl Bibliography { pub fn load(_: &[Arc<File>], _: Style<'_>, _: &str, _: &mut Diagnostics) -> Self { Self }
 pub fn work(&self, _: &str) -> Option<&Work> { Some(Box::leak(Box::new(Work { key: String::new(), place: Place::of_path(""), title: String::new() }))) }
 pub fn works(&self) -> impl Iterator<Item=&Work> { [].into_iter() } pub fn nearest(&self, _: &str) -> Option<&str> { None }
 pub fn format(&self, c: &[Cluster]) -> Citations { let works: std::collections::BTreeSet<_> = c.iter().flat_map(|c| c.items.iter().map(|i| i.key.clone())).collect();
  Citations { clusters: c.iter().map(|c| c.items.iter().map(|i| format!("<a class=\"citation\" href=\"#{}\">{}</a>", work_anchor(&i.key), i.key)).collect::<String>()).collect(), works: works.into_iter().map(|k| ListedWork{html: k.clone(), label: None, key: k}).collect() } } }
pub fn work_anchor(k: &str) -> String { format!("work-{k}") }
pub fn parse_cluster(s: &str) -> Option<Vec<(CitedWork, Range<usize>)>> { let mut at = 0; s.split(';').map(|p| { let i = p.find('@')?; let rest=&p[i+1..]; let e = rest.find([',',' ']).unwrap_or(rest.len()); let r = at+i..at+i+1+e; let k = rest[..e].to_owned(); at += p.len()+1; Some((CitedWork{key:k,..Default::default()}, r)) }).collect() }
pub struct N { pub items: Vec<(CitedWork, Range<usize>)>, pub length: usize }
pub fn parse_narrative(s: &str) -> Option<N> { let k: String = s[1..].chars().take_while(|c| c.is_alphanumeric()||*c=='-').collect(); if k.is_empty() {return None} let l=k.len()+1; Some(N{items: vec![(CitedWork{key:k,..Default::default()},0..l)], length:l}) }
