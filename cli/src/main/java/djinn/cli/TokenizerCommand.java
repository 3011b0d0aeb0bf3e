package djinn.cli;

import djinn.data.text.PreTokenizer;
import djinn.data.text.TextNormalizer;
import djinn.data.text.TokenSequence;
import djinn.data.text.Tokenizer;
import djinn.data.text.TokenizerModel;
import djinn.data.text.TokenizerTraining;
import djinn.ops.AtomicFile;
import djinn.ops.TextFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "tokenizer",
        description = "Make tokenizers of texts, and look at what they make of a text.",
        subcommands = {TokenizerCommand.Train.class, TokenizerCommand.Encode.class, TokenizerCommand.Decode.class})
final class TokenizerCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a subcommand: train, encode or decode");
    }

    @Command(
            name = "train",
            description = "Make a tokenizer.json of files of text.",
            footer = {
                "",
                "  djinn tokenizer train input.txt --to tokenizer.json --vocabulary 2000",
                "  djinn tokenizer train en.txt fr.txt --model wordpiece --normalizer nfd --normalizer strip_accents \\",
                "      --normalizer lowercase --special [PAD] --special [CLS] --to tokenizer.json",
                "",
                "byte_bpe (GPT-2's) writes every text and gives it back as it was; bpe marks the last token of a word;",
                "wordpiece is BERT's; word and character take the text's own. Hugging Face's tokenizers open the file."
            })
    static final class Train implements Runnable {

        @Spec
        private CommandSpec spec;

        @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files of UTF-8 text.")
        private List<Path> files;

        @Option(names = "--to", paramLabel = "FILE", required = true, description = "The tokenizer.json to write.")
        private Path to;

        @Option(
                names = "--model",
                paramLabel = "MODEL",
                defaultValue = "byte_bpe",
                description =
                        "How pieces of text become tokens: byte_bpe, bpe, wordpiece, word or character (default: ${DEFAULT-VALUE}).")
        private TokenizerModel model;

        @Option(
                names = "--vocabulary",
                paramLabel = "N",
                defaultValue = "8000",
                description = "How many tokens there are at most (default: ${DEFAULT-VALUE}).")
        private int vocabulary;

        @Option(
                names = "--least-count",
                paramLabel = "N",
                defaultValue = "2",
                description = "How often a pair or a word must be there (default: ${DEFAULT-VALUE}).")
        private int leastCount;

        @Option(
                names = "--normalizer",
                paramLabel = "NAME",
                description =
                        "What is done to a text first, in the given order: nfc, nfd, nfkc, nfkd, lowercase, strip_accents.")
        private List<TextNormalizer> normalizers = List.of();

        @Option(
                names = "--pre-tokenizer",
                paramLabel = "NAME",
                description =
                        "How a text is cut into pieces: byte_level, whitespace, whitespace_split, bert, characters; the model's usual"
                                + " way if left out.")
        private PreTokenizer preTokenizer;

        @Option(
                names = "--special",
                paramLabel = "TOKEN",
                description = "A token that no text is cut into, such as [PAD]; the first gets the number 0.")
        private List<String> special = List.of();

        @Override
        public void run() {
            OutputFile.require("--to", to);
            TokenizerTraining training = new TokenizerTraining(
                    model, vocabulary, leastCount, normalizers, Optional.ofNullable(preTokenizer), special);
            long[] characters = new long[1];
            String json =
                    training.train(files.stream().map(TextFile::read).peek(text -> characters[0] += text.length()));
            try (Tokenizer made = Tokenizer.of(json, to.toString())) {
                AtomicFile.writeText(to, json);
                PrintWriter out = spec.commandLine().getOut();
                out.println(made.size() + " tokens of " + characters[0] + " characters in " + files.size()
                        + (files.size() == 1 ? " file" : " files") + ", in " + to);
                if (made.size() < vocabulary && model != TokenizerModel.CHARACTER) {
                    out.println("fewer than " + vocabulary + ": nothing else is there " + leastCount
                            + (leastCount == 1 ? " time" : " times"));
                } else if (made.size() > vocabulary) {
                    out.println("more than " + vocabulary + ": no character is left out");
                }
                out.flush();
            }
        }
    }

    @Command(
            name = "encode",
            description = "Tell the tokens of a text.",
            footer = {"", "  djinn tokenizer encode tokenizer.json \"To be, or not to be\" --json"})
    static final class Encode implements Runnable {

        @Spec
        private CommandSpec spec;

        @Parameters(index = "0", paramLabel = "TOKENIZER", description = "A tokenizer.json.")
        private Path file;

        @Parameters(index = "1", paramLabel = "TEXT", description = "The text.")
        private String text;

        @Option(names = "--json", description = "Answer with one JSON object.")
        private boolean json;

        @Override
        public void run() {
            try (Tokenizer tokenizer = Tokenizer.open(file)) {
                TokenSequence sequence = tokenizer.encode(text);
                List<Integer> numbers = IntStream.range(0, sequence.size())
                        .mapToObj(sequence::token)
                        .toList();
                List<String> tokens = tokenizer.tokens(text);
                PrintWriter out = spec.commandLine().getOut();
                if (json) {
                    Map<String, Object> answer = new LinkedHashMap<>();
                    answer.put("ids", numbers);
                    answer.put("tokens", tokens);
                    out.println(Json.line(answer));
                } else {
                    for (int i = 0; i < numbers.size(); i++) {
                        out.println(numbers.get(i) + " " + tokens.get(i));
                    }
                }
                out.flush();
            }
        }
    }

    @Command(
            name = "decode",
            description = "Tell the text of tokens.",
            footer = {"", "  djinn tokenizer decode tokenizer.json 2514 307 11"})
    static final class Decode implements Runnable {

        @Spec
        private CommandSpec spec;

        @Parameters(index = "0", paramLabel = "TOKENIZER", description = "A tokenizer.json.")
        private Path file;

        @Parameters(index = "1..*", arity = "1..*", paramLabel = "ID", description = "Numbers of tokens.")
        private List<Integer> numbers;

        @Override
        public void run() {
            try (Tokenizer tokenizer = Tokenizer.open(file)) {
                int[] tokens = numbers.stream().mapToInt(Integer::intValue).toArray();
                PrintWriter out = spec.commandLine().getOut();
                out.println(tokenizer.decode(TokenSequence.of(tokens)));
                out.flush();
            }
        }
    }
}
