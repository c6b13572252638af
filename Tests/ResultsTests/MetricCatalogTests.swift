import Results
import Testing

@Suite struct MetricCatalogTests {
  @Test func `every id is declared once and says what it means`() {
    #expect(Set(MetricCatalog.ids).count == MetricCatalog.ids.count)
    for declaration in MetricCatalog.all {
      #expect(!declaration.meaning.isEmpty, "\(declaration.id)")
      #expect(!declaration.limits.isEmpty, "\(declaration.id)")
      #expect(MetricCatalog.declaration(declaration.id)?.metric == declaration.metric)
    }
    #expect(MetricCatalog.declaration("accuracy.top2") == nil)
  }

  @Test func `default rules only use limits that suit the metric`() {
    for declaration in MetricCatalog.all {
      for limit in declaration.defaultRule?.limits ?? [] {
        #expect(declaration.limits.contains(limit), "\(declaration.id) \(limit)")
      }
    }
  }
}
