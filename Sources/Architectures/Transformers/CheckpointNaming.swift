import Graphs

/// How a family of checkpoints names the parameters of a transformer, and how it lays them out.
///
/// A new family is one more case.
public enum CheckpointNaming: String, Hashable, Sendable, CaseIterable {
  /// The graph's own names.
  case own
  /// Hugging Face's Llama, Mistral, Qwen2 and Qwen3, the latter two also with experts.
  case huggingFaceLlama = "hf-llama"
  /// Hugging Face's Mixtral.
  case huggingFaceMixtral = "hf-mixtral"
  /// Hugging Face's GPT-2: matrices are `[in, out]`; query, key and value are one matrix.
  case huggingFaceGPT2 = "hf-gpt2"
  /// Hugging Face's BERT: a token's type is added to its embedding; here it is always type 0.
  case huggingFaceBERT = "hf-bert"
  /// Hugging Face's DistilBERT.
  case huggingFaceDistilBERT = "hf-distilbert"
  /// GGUF's names for Llama, Mistral, Qwen2, Qwen3, also with experts, whose matrices are one tensor.
  case gguf
  /// GGUF's names for GPT-2: query, key and value are one matrix `[out, in]`.
  case ggufGPT2 = "gguf-gpt2"

  /// Where a parameter's values are in a checkpoint.
  struct Place: Equatable {
    /// What has to be done with the tensor.
    enum Form: Equatable {
      /// Nothing.
      case asIs
      /// `[in, out]` becomes `[out, in]`.
      case transposed
      /// A third of the rows: 0 for query, 1 for key, 2 for value.
      case thirdOfRows(Int)
      /// As `transposed`, then a third: 0 for query, 1 for key, 2 for value. A bias has thirds alone.
      case third(Int)
      /// The matrix of one expert among those of all, `[experts, out, in]`.
      case expert(Int)
      /// A vector, or a matrix of one row, as such a matrix.
      case row
      /// Row 0 of another tensor is added to every row.
      case plusFirstRow(of: String)
    }

    let tensor: String
    var form = Form.asIs
  }

  /// Where a parameter's values are.
  ///
  /// - Parameters:
  ///   - name: The parameter's name in the graph, such as `layers.0.query.weight`.
  ///   - isTied: Whether the scores of the next token use the embedding's table.
  func place(of name: String, isTied: Bool) -> Place {
    let parts = name.split(separator: ".").map(String.init)
    let role = parts.last ?? ""
    if parts.count == 4, parts[0] == "layers" {
      return layerPlace(parts[1], node: parts[2], role: role)
    }
    if parts.count == 5, parts[0] == "layers", let expert = Int(parts[3]) {
      return expertPlace(parts[1], node: parts[2], expert: expert, role: role)
    }
    let node = parts.first ?? ""
    return node == "head" && isTied
      ? place(of: "embedding.weight", isTied: false) : outerPlace(node: node, role: role)
  }

  /// What a tensor is called where a model was saved without, or with, the part that wraps it: the published GPT-2
  /// has no `transformer.`, a BERT with a head has `bert.`, a DistilBERT `distilbert.`.
  func otherName(of tensor: String) -> String? {
    switch self {
    case .huggingFaceGPT2:
      let prefix = "transformer."
      return tensor.hasPrefix(prefix) ? String(tensor.dropFirst(prefix.count)) : nil
    case .huggingFaceBERT: return "bert.\(tensor)"
    case .huggingFaceDistilBERT: return "distilbert.\(tensor)"
    case .own, .huggingFaceLlama, .huggingFaceMixtral, .gguf, .ggufGPT2: return nil
    }
  }

  private func outerPlace(node: String, role: String) -> Place {
    switch self {
    case .own: return Place(tensor: "\(node).\(role)")
    case .huggingFaceLlama, .huggingFaceMixtral:
      let names = ["embedding": "model.embed_tokens", "norm": "model.norm", "head": "lm_head"]
      return Place(tensor: "\(names[node] ?? node).\(role)")
    case .huggingFaceGPT2:
      let names = [
        "embedding": "transformer.wte", "positions": "transformer.wpe", "norm": "transformer.ln_f",
        "head": "lm_head",
      ]
      return Place(tensor: "\(names[node] ?? node).\(role)")
    case .huggingFaceBERT:
      switch node {
      case "embedding": return Place(tensor: "embeddings.word_embeddings.weight")
      case "positions":
        return Place(
          tensor: "embeddings.position_embeddings.weight",
          form: .plusFirstRow(of: "embeddings.token_type_embeddings.weight"))
      case "embedding_norm": return Place(tensor: "embeddings.LayerNorm.\(role)")
      case "pooler": return Place(tensor: "pooler.dense.\(role)")
      case "head": return Place(tensor: "classifier.\(role)")
      default: return Place(tensor: "\(node).\(role)")
      }
    case .huggingFaceDistilBERT:
      let names = [
        "embedding": "embeddings.word_embeddings", "positions": "embeddings.position_embeddings",
        "embedding_norm": "embeddings.LayerNorm", "pooler": "pre_classifier", "head": "classifier",
      ]
      return Place(tensor: "\(names[node] ?? node).\(role)")
    case .gguf, .ggufGPT2:
      let names = [
        "embedding": "token_embd", "positions": "position_embd", "norm": "output_norm",
        "head": "output", "embedding_norm": "token_embd_norm",
      ]
      return Place(tensor: "\(names[node] ?? node).\(role)")
    }
  }

  private func layerPlace(_ layer: String, node: String, role: String) -> Place {
    switch self {
    case .own: return Place(tensor: "layers.\(layer).\(node).\(role)")
    case .huggingFaceMixtral where node == "router":
      return Place(tensor: "model.layers.\(layer).block_sparse_moe.gate.\(role)")
    case .huggingFaceLlama, .huggingFaceMixtral:
      return Place(tensor: "model.layers.\(layer).\(Self.llama[node] ?? node).\(role)")
    case .huggingFaceGPT2: return gpt2Place(layer, node: node, role: role)
    case .huggingFaceBERT:
      return Place(tensor: "encoder.layer.\(layer).\(Self.bert[node] ?? node).\(role)")
    case .huggingFaceDistilBERT:
      return Place(tensor: "transformer.layer.\(layer).\(Self.distilBERT[node] ?? node).\(role)")
    case .ggufGPT2:
      if let third = Self.inputs.firstIndex(of: node) {
        return Place(tensor: "blk.\(layer).attn_qkv.\(role)", form: .thirdOfRows(third))
      }
      fallthrough
    case .gguf:
      return Place(
        tensor: "blk.\(layer).\(Self.ggufLayer[node] ?? node).\(role)",
        form: node == "shared_router" ? .row : .asIs)
    }
  }

  /// Where the weight of one expert is.
  private func expertPlace(
    _ layer: String, node: String, expert: Int, role: String
  ) -> Place {
    switch self {
    case .own, .huggingFaceGPT2, .huggingFaceBERT, .huggingFaceDistilBERT, .ggufGPT2:
      return Place(tensor: "layers.\(layer).\(node).\(expert).\(role)")
    case .huggingFaceLlama:
      let names = [
        "expert_gate": "gate_proj", "expert_up": "up_proj", "expert_down": "down_proj",
      ]
      return Place(
        tensor: "model.layers.\(layer).mlp.experts.\(expert).\(names[node] ?? node).\(role)")
    case .huggingFaceMixtral:
      let names = ["expert_gate": "w1", "expert_up": "w3", "expert_down": "w2"]
      return Place(
        tensor: "model.layers.\(layer).block_sparse_moe.experts.\(expert)."
          + "\(names[node] ?? node).\(role)")
    case .gguf:
      let names = [
        "expert_gate": "ffn_gate_exps", "expert_up": "ffn_up_exps", "expert_down": "ffn_down_exps",
      ]
      return Place(tensor: "blk.\(layer).\(names[node] ?? node).\(role)", form: .expert(expert))
    }
  }

  private func gpt2Place(_ layer: String, node: String, role: String) -> Place {
    let prefix = "transformer.h.\(layer)."
    if let third = Self.inputs.firstIndex(of: node) {
      return Place(tensor: prefix + "attn.c_attn.\(role)", form: .third(third))
    }
    let names = [
      "attention_norm": "ln_1", "feed_forward_norm": "ln_2", "attention_output": "attn.c_proj",
      "up": "mlp.c_fc", "down": "mlp.c_proj",
    ]
    let isMatrix = role == "weight" && !node.hasSuffix("norm")
    return Place(
      tensor: prefix + "\(names[node] ?? node).\(role)", form: isMatrix ? .transposed : .asIs)
  }

  private static let inputs = ["query", "key", "value"]
  private static let llama = [
    "attention_norm": "input_layernorm", "feed_forward_norm": "post_attention_layernorm",
    "query": "self_attn.q_proj", "key": "self_attn.k_proj", "value": "self_attn.v_proj",
    "query_norm": "self_attn.q_norm", "key_norm": "self_attn.k_norm",
    "attention_output": "self_attn.o_proj", "gate": "mlp.gate_proj", "up": "mlp.up_proj",
    "down": "mlp.down_proj", "router": "mlp.gate", "shared_router": "mlp.shared_expert_gate",
    "shared_gate": "mlp.shared_expert.gate_proj", "shared_up": "mlp.shared_expert.up_proj",
    "shared_down": "mlp.shared_expert.down_proj",
  ]
  private static let bert = [
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "attention_output": "attention.output.dense", "attention_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense", "down": "output.dense", "feed_forward_norm": "output.LayerNorm",
  ]
  private static let distilBERT = [
    "query": "attention.q_lin", "key": "attention.k_lin", "value": "attention.v_lin",
    "attention_output": "attention.out_lin", "attention_norm": "sa_layer_norm", "up": "ffn.lin1",
    "down": "ffn.lin2", "feed_forward_norm": "output_layer_norm",
  ]
  private static let ggufLayer = [
    "attention_norm": "attn_norm", "feed_forward_norm": "ffn_norm", "query": "attn_q",
    "key": "attn_k", "value": "attn_v", "query_norm": "attn_q_norm", "key_norm": "attn_k_norm",
    "attention_output": "attn_output", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down",
    "router": "ffn_gate_inp", "shared_router": "ffn_gate_inp_shexp",
    "shared_gate": "ffn_gate_shexp", "shared_up": "ffn_up_shexp", "shared_down": "ffn_down_shexp",
  ]
}

extension CheckpointNaming.Place {
  /// Every tensor that the parameter needs.
  var tensors: [String] {
    if case .plusFirstRow(let other) = form { [tensor, other] } else { [tensor] }
  }

  /// The parameter's tensor, made of those that it needs, in their order. Only `asIs` and `expert` copy
  /// nothing.
  ///
  /// - Returns: `nil` when their shapes do not allow it.
  func parameter(from found: [Tensor]) -> Tensor? {
    let first = found[0]
    switch form {
    case .asIs: return first
    case .transposed: return first.transposed
    case .thirdOfRows(let index): return first.third(index)
    case .third(let index): return (first.shape.count == 2 ? first.transposed : first)?.third(index)
    case .expert(let index): return first.shape.count == 3 ? first.part(index) : nil
    case .row:
      let rows = first.shape.count == 2 ? first.shape[0] : 1
      guard rows == 1, let width = first.shape.last else { return nil }
      return Tensor(shape: [1, width], values: first.values)
    case .plusFirstRow:
      guard first.shape.count == 2, found[1].shape.count == 2,
        found[1].shape[1] == first.shape[1], found[1].shape[0] > 0
      else { return nil }
      let width = first.shape[1]
      let row = found[1].read(0..<width)
      var values = first.values
      for index in values.indices { values[index] += row[index % width] }
      return Tensor(shape: first.shape, values: values)
    }
  }
}

extension Tensor {
  fileprivate var transposed: Tensor? {
    guard shape.count == 2 else { return nil }
    let (rows, columns) = (shape[0], shape[1])
    let values = values
    let turned = [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
      for column in 0..<columns {
        for row in 0..<rows {
          buffer.initializeElement(at: column * rows + row, to: values[row * columns + column])
        }
      }
      count = values.count
    }
    return Tensor(shape: [columns, rows], values: turned)
  }

  /// One of three equal parts along the outermost extent.
  fileprivate func third(_ index: Int) -> Tensor? {
    guard let rows = shape.first, rows.isMultiple(of: 3) else { return nil }
    let size = elementCount / 3
    return Tensor(
      shape: [rows / 3] + shape.dropFirst(), values: read(index * size..<(index + 1) * size))
  }
}
