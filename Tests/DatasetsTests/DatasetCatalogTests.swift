import Datasets
import Documents
import Foundation
import TestSupport
import Testing

@Suite struct DatasetCatalogTests {
  private static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  @Test func `every dataset of the repository can be opened`() throws {
    let catalog = DatasetCatalog(repository: DatasetCatalogTests.repository, environment: [:])
    #expect(Set(catalog.names).isSuperset(of: ["adult", "applicants", "glyphs", "mnist"]))
    for name in catalog.names {
      let dataset = try catalog.dataset(name)
      #expect(dataset.name == name)
      #expect(dataset.classNames.isEmpty != dataset.target.hasClasses)
    }
    #expect(try catalog.dataset("glyphs").load(.train, count: 1).count == 1)
  }

  @Test func `a name that is not there is answered with a near one`() throws {
    let catalog = DatasetCatalog(repository: DatasetCatalogTests.repository, environment: [:])
    let place = Place(file: "Scenarios/x.yaml", line: 3, column: 7, keyPath: "data.dataset")
    let error = #expect(throws: InvalidDocument.self) {
      _ = try catalog.dataset("glyphes", writtenAt: place)
    }
    #expect(
      error?.description
        == "Scenarios/x.yaml:3:7: data.dataset: no dataset 'glyphes' (did you mean 'glyphs'?)")
  }

  @Test func `a seed can be chosen`() throws {
    let folder = try TemporaryFolder()
    try folder.write("dataset: mine\nkind: glyphs\nseed: 12\n", to: "Scenarios/datasets/mine.yaml")
    try folder.write(
      "dataset: ours\nkind: applicants\nseed: 12", to: "Scenarios/datasets/ours.yaml")
    let glyphs = try folder.catalog().dataset("mine").load(.train, count: 3)
    #expect(glyphs == (try Glyphs(seed: 12).load(.train, count: 3)))
    #expect(glyphs != (try Glyphs(seed: 1).load(.train, count: 3)))
    let rows = try folder.catalog().dataset("ours").load(.train, count: 3)
    #expect(rows == (try Applicants(seed: 12).load(.train, count: 3)))
  }

  @Test func `an unknown kind is refused with the one that was meant`() throws {
    let folder = try TemporaryFolder()
    try folder.write("dataset: mine\nkind: jsnol\n", to: "Scenarios/datasets/mine.yaml")
    let error = #expect(throws: InvalidDocument.self) {
      _ = try folder.catalog().dataset("mine")
    }
    #expect(error?.description.contains("(did you mean 'jsonl'?)") == true)
  }

  @Test func `an inline definition is opened in the same way`() throws {
    let document = try Document(text: "{ dataset: mine, kind: glyphs, seed: 3 }", file: "x.yaml")
    let definition = try document.decode(DatasetDefinition.reader)
    let dataset = DatasetCatalog(repository: "", environment: [:]).dataset(definition)
    #expect(dataset.name == "mine")
    #expect(try dataset.load(.train, count: 2) == Glyphs(seed: 3).load(.train, count: 2))
  }

  @Test func `a repository without datasets has no names`() throws {
    #expect(try TemporaryFolder().catalog().names == [])
  }
}
