"""Trains small tokenizers on text of a seeded grammar and writes what they make of difficult texts.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3
    python3 generate.py

Writes, beside itself, STYLE.json (a tokenizer.json) for each style, texts.json (the texts),
sentencepiece.json (a model of another library) and ids.json
(per style: ids without special tokens, the first texts' ids with them, and what the ids decode to).
"""

import base64
import io
import json
import pathlib
import random
import struct

import sentencepiece
from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers,
)

HERE = pathlib.Path(__file__).parent
GPT2 = r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")


def corpus():
    """Sentences of a small grammar, with some accents, digits and other scripts."""
    rng = random.Random(20)
    pick = rng.choice
    subjects = ["the quick fox", "a small café", "Zoë", "my neighbour", "the engineer", "它", "Ёлка", "she"]
    verbs = ["measures", "couldn't see", "quantizes", "we've lost", "remembers", "I'll find", "прыгает", "看见"]
    objects = ["the bridge", "12 apples", "3,141 matrices", "naïve ideas", "мир", "世界", "a long winter", "weights"]
    places = ["in the park", "at 10:45", "near the river", "under stars", "!", "with 2048 rows", "🙂", "à l'école"]
    syllables = [c + v + e for c in "bdfklmnprstvwz" for v in ["a", "e", "i", "o", "ou"] for e in ["", "n", "r", "st"]]

    def word():
        return "".join(pick(syllables) for _ in range(rng.randint(1, 4)))

    return [
        f"{pick(subjects)} {pick(verbs)} {pick(objects)} {pick(places)}{pick(['.', '?', '!', '...', ''])} "
        + " ".join(word() for _ in range(rng.randint(0, 4)))
        for _ in range(3000)
    ]


def texts():
    """What goes wrong most easily, then mixtures of it."""
    fixed = [
        "", " ", "  ", "\n", "\r\n", "\t \n", "a", "Hello, world!", " leading", "trailing ", "  two  spaces  ",
        "the quick fox measures 12 apples at 10:45.", "It's we've I'LL they'd 'Tis don'T can't’s 'ſ x'S",
        "line one\r\nline two\r\n\r\n\r\nline four\n\n  indented\n", "tabs\t\tand\u00a0no-break\u2003spaces\u3000",
        "3.14159 1234567890 12,345 ½ ² ⅷ ١٢٣ ४५", "e\u0301 \u00e9 n\u0303 A\u030a\u0301 \u1e9b\u0323 q\u0307\u0323",
        "ﬁ ﬂ ＡＢＣ １２３ ㎏ ① ǆ Ⅻ", "中文字符和English混合。日本語テキスト、한국어 텍스트", "\U00020000\U0002b740 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
        "🙂🙃👩‍👩‍👧‍👦👍🏽🇩🇪🏳️‍🌈", "مرحبا بالعالم ١٢٣ لا إله", "שלום עולם", "नमस्ते दुनिया", "สวัสดีชาวโลก",
        "control \x00\x01\x02\x07\x08\x0b\x0c\x1b\x7f\x80\x85\x9f chars", "zero\u200bwidth\u200c\u200d\ufeffjoin\u2028sep\u2029",
        "bad \ufffd\ufffd bytes", "private \ue000\uf8ff unassigned \u0378\U000e0fff end \U0010ffff", "soft\u00adhyphen",
        "ΑΣ ΣΑΣ İstanbul ıI ß ẞ ǅ Ω", "a" * 150, "supercalifragilistic" * 6, "x" * 300 + " " + "yx" * 100,
        " " * 70 + "end", "..." * 30 + "!?" * 20, "____init____ snake_case CamelCase kebab-case", "$#@%^&*()[]{}<>/\\|~`+=",
        "https://example.org/a?b=c&d=%20e#f", "def f(x):\n    return x**2  # comment\n\n\n\tif x:\n\t\tpass\n",
        "<s>literal</s> <unk> [CLS] x [SEP] [MASK] <|endoftext|> <|end", "word<keep>word <keep> <keep>,  <strip>  next",
        "Single SINGLE singles single-word (single)single", "LOWER lower LoWeR İ", "<0x41><0x0A> <0xZZ>",
        "▁under▁score▁ ▁ ▁▁x", "don't .spaces , before ! punctuation ? ' s", "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306b",
        "\u0301starts with mark", "man\u0303ana g\u0301\u0302o k\u0301\u0302\u0303 k\u0301", "한글 \u1112\u1161\u11ab decomposed", "ﷺ ﷽ expands", "ﾊﾝｶｸ ﾞ half", "．。，、！？「」『』",
        "“quotes” ‘single’ – — … ‰ € £ ¥", "ſ K Å", "\u0345\u03b1\u0345", "tab\x1dfs\x1egs\x1fus", "\ud7ff\uf900\ufaff",
    ]
    rng = random.Random(21)
    atoms = [t for t in fixed if 0 < len(t) < 60] + list(" \n\t'aZé9中🙂\u0301\u200d<>.,") + corpus()[:40]
    mixed = ["".join(rng.choice(atoms) for _ in range(rng.randint(2, 9))) for _ in range(30)]
    planes = [0x20, 0x80, 0x300, 0x590, 0x900, 0x1E00, 0x2000, 0x3000, 0x4E00, 0xAC00, 0xFB00, 0x1F300]
    noise = ["".join(chr(rng.choice(planes) + rng.randrange(0x100)) for _ in range(40)) for _ in range(20)]
    return fixed + mixed + noise


SPECIALS = ["<unk>", "<s>", "</s>", "<pad>"]


def train(tokenizer, trainer):
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def byte_level(pattern, vocabulary, **options):
    tokenizer = Tokenizer(models.BPE(**options))
    if pattern is None:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    else:
        split = pre_tokenizers.Split(Regex(pattern), "isolated", invert=False)
        byte = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, byte])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    train(tokenizer, trainers.BpeTrainer(
        vocab_size=vocabulary, initial_alphabet=alphabet, show_progress=False, special_tokens=["<|endoftext|>"]))
    return tokenizer


def gpt2():
    tokenizer = byte_level(None, 700)
    tokenizer.post_processor = processors.RobertaProcessing(("<|endoftext|>", 0), ("<|endoftext|>", 0))
    tokenizer.add_tokens([AddedToken("<keep>"), AddedToken("single", single_word=True)])
    tokenizer.add_special_tokens([AddedToken("<strip>", lstrip=True, rstrip=True)])
    return tokenizer


def llama3():
    tokenizer = byte_level(LLAMA3, 800, ignore_merges=True)
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=True),
        processors.TemplateProcessing(single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", 0)]),
    ])
    return tokenizer


def qwen2():
    tokenizer = byte_level(QWEN2, 600)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_tokens(["lower", AddedToken("<keep>", normalized=False)])
    return tokenizer


def general_regex():
    """A pattern that no scanner is written for, inverted behaviours, digits and punctuation."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="##", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Replace(Regex(r"\s{2,}"), " "), normalizers.Strip(), normalizers.NFKD(),
        normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Replace("ß", "ss")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"[^\p{L}\p{N}]+"), "merged_with_previous"),
        pre_tokenizers.Split(Regex(r"(?=\p{Lu})|[aeiou]{2}"), "merged_with_next"),
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation("contiguous"),
        pre_tokenizers.WhitespaceSplit()])
    tokenizer.decoder = decoders.BPEDecoder()
    train(tokenizer, trainers.BpeTrainer(
        vocab_size=400, special_tokens=SPECIALS, show_progress=False, continuing_subword_prefix="##",
        end_of_word_suffix="</w>", limit_alphabet=60))
    return tokenizer


def whitespace_bpe():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.NFD()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=False),
        pre_tokenizers.Split("qu", "removed"), pre_tokenizers.Split(Regex("[a-d]+"), "removed", invert=True)])
    train(tokenizer, trainers.BpeTrainer(
        vocab_size=300, special_tokens=SPECIALS, show_progress=False, limit_alphabet=40))
    tokenizer.add_tokens([AddedToken("LÖWE"), AddedToken("É")])
    return tokenizer


def llama2():
    """Byte fallback with the spaces written as U+2581, the whole text one word."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    names = SPECIALS[:3] + [f"<0x{b:02X}>" for b in range(256)]
    train(tokenizer, trainers.BpeTrainer(
        vocab_size=700, special_tokens=names, show_progress=False, limit_alphabet=60))
    content = json.loads(tokenizer.to_str())
    content["added_tokens"] = content["added_tokens"][:3]
    content["pre_tokenizer"] = None
    content["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
    content["decoder"] = {"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
        {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
    tokenizer = Tokenizer.from_str(json.dumps(content))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    return tokenizer


def metaspace_first():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Strip(left=False, right=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    train(tokenizer, trainers.BpeTrainer(
        vocab_size=300, special_tokens=SPECIALS, show_progress=False, limit_alphabet=50))
    return tokenizer


def bert(lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=60))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    train(tokenizer, trainers.WordPieceTrainer(
        vocab_size=500, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def unigram(byte_fallback):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    train(tokenizer, trainers.UnigramTrainer(
        vocab_size=400, special_tokens=SPECIALS, unk_token="<unk>", show_progress=False))
    content = json.loads(tokenizer.to_str())
    if byte_fallback:
        content["model"]["vocab"] += [[f"<0x{b:02X}>", -20.0] for b in range(256)]
        content["model"]["byte_fallback"] = True
        content["normalizer"] = {"type": "Strip", "strip_left": True, "strip_right": False}
        content["decoder"] = {"type": "Sequence", "decoders": [
            {"type": "ByteFallback"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}]}
    else:
        content["decoder"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
        content["normalizer"] = {"type": "Precompiled", "precompiled_charsmap": charsmap()}
    return Tokenizer.from_str(json.dumps(content))


def charsmap():
    """SentencePiece's own small map: some rules of ours compiled by its trainer."""
    rules = HERE / "rules.tsv"
    lines = []
    for source, target in [
        ("ﬁ", "fi"), ("ﬂ", "fl"), ("Ａ", "A"), ("１", "1"), ("é", "e"), ("e\u0301", "e"), ("\u3000", " "), ("\t", " "),
        ("\r\n", " "), ("\n", " "), ("\u200b", ""), ("①", "1"), ("㎏", "kg"), ("ﷺ", "صلى"), ("がx", "ga"),
        ("👍🏽", "👍"), ("İ", "i"), ("“", '"'), ("…", "..."), ("ß", "ss"), ("\u0301", ""), ("한", "han"),
        ("n\u0303", "ny"), ("g\u0301\u0302", "gg"), ("k\u0301\u0302\u0303", "kk"),
    ]:
        lines.append(" ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target))
    rules.write_text("\n".join(lines) + "\n")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()[:500]), model_writer=model, vocab_size=150, hard_vocab_limit=False,
        normalization_rule_tsv=str(rules), minloglevel=2)
    rules.unlink()
    return base64.b64encode(normalizer_blob(model.getvalue())).decode()


def sentencepiece_pairs(samples):
    """SentencePiece's own byte-pair model: pieces, scores, types as in GGUF, and its ids."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_writer=model, model_type="bpe", vocab_size=700, byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, character_coverage=0.995,
        user_defined_symbols=["<keep>"], minloglevel=2)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    ids = range(processor.get_piece_size())

    def kind(i):
        if processor.is_unknown(i):
            return 2
        if processor.is_control(i):
            return 3
        return 6 if processor.is_byte(i) else 4 if processor.id_to_piece(i) == "<keep>" else 1

    return {
        "tokens": [processor.id_to_piece(i) for i in ids], "scores": [processor.get_score(i) for i in ids],
        "types": [kind(i) for i in ids], "plain": [processor.encode(text) for text in samples],
    }


def fields(data):
    """(number, payload) of the length-delimited fields of a protocol buffer."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            varint()
        elif key & 7 == 5:
            at += 4
        elif key & 7 == 1:
            at += 8
        else:
            length = varint()
            yield key >> 3, data[at : at + length]
            at += length


def normalizer_blob(model):
    """ModelProto.normalizer_spec (3), its precompiled_charsmap (2)."""
    spec = next(payload for number, payload in fields(model) if number == 3)
    return next(payload for number, payload in fields(spec) if number == 2)


STYLES = {
    "gpt2": gpt2, "llama3": llama3, "qwen2": qwen2, "general": general_regex, "whitespace": whitespace_bpe,
    "llama2": llama2, "metaspace": metaspace_first, "bert-uncased": lambda: bert(True),
    "bert-cased": lambda: bert(False), "unigram": lambda: unigram(False), "unigram-bytes": lambda: unigram(True),
}


def main():
    samples = texts()
    (HERE / "texts.json").write_text(json.dumps(samples))
    ids = {}
    for name, make in STYLES.items():
        tokenizer = make()
        content = json.loads(tokenizer.to_str())
        (HERE / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")))
        tokenizer = Tokenizer.from_file(str(HERE / f"{name}.json"))
        plain = [tokenizer.encode(text, add_special_tokens=False).ids for text in samples]
        full = [tokenizer.encode(text).ids for text in samples[:12]]
        ids[name] = {"plain": plain, "full": full, "decoded": [tokenizer.decode(x) for x in plain]}
    (HERE / "sentencepiece.json").write_text(
        json.dumps(sentencepiece_pairs(samples), ensure_ascii=False, separators=(",", ":")))
    (HERE / "ids.json").write_text(json.dumps(ids, separators=(",", ":")))


if __name__ == "__main__":
    main()
