package djinn.cli;

import djinn.inference.text.Decoding;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import djinn.ops.TextFile;
import djinn.predict.translation.TextTranslator;
import djinn.predict.translation.Translation;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "translate",
        description = "Translate sentences with the best weights of a run.",
        footer = {
            "",
            "  djinn translate runs/tatoeba_transformer \"How are you?\"",
            "  djinn translate runs/tatoeba_transformer \"How are you?\" --beam 8 --n-best 3",
            "  djinn translate runs/tatoeba_transformer --file english.txt > french.txt",
            "  echo \"How are you?\" | djinn translate runs/tatoeba_transformer --json",
            "",
            "Of a file and of standard input a line is a sentence, and each is answered by a line; with --n-best by",
            "several, after their scores."
        })
final class TranslateCommand implements Runnable {

    /** How many lines of a file are translated together. */
    private static final int TOGETHER = 64;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a run, or a safetensors file of one.")
    private Path run;

    @Parameters(
            index = "1..*",
            paramLabel = "TEXT",
            description = "Sentences, each in quotes; of --file or of standard input if left out.")
    private List<String> texts = List.of();

    @Option(names = "--file", paramLabel = "FILE", description = "Translate the lines of a file of UTF-8 text.")
    private Path file;

    @Option(
            names = "--beam",
            paramLabel = "N",
            description = "How many unfinished translations are followed at once; 1 takes the likeliest token each"
                    + " time (default: 4).")
    private Integer beam;

    @Option(
            names = "--n-best",
            paramLabel = "N",
            description = "Tell the N best translations, at most as many as --beam (default: 1).")
    private Integer nBest;

    @Option(
            names = "--length-penalty",
            paramLabel = "P",
            description = "How much longer translations are preferred; 0 is not at all (default: 0.6).")
    private Double lengthPenalty;

    @Option(
            names = "--coverage-penalty",
            paramLabel = "P",
            description =
                    "How much it costs to leave out of a sentence, such as 0.2; of a model that tells its attention"
                            + " (default: 0).")
    private Double coveragePenalty;

    @Option(
            names = "--attention",
            paramLabel = "FILE.png",
            description = "Draw what of the one sentence each token of the translation was made of.")
    private Path attention;

    @Option(names = "--json", description = "Answer with a JSON object for each sentence.")
    private boolean json;

    @Override
    public void run() {
        if (file != null && !texts.isEmpty()) {
            throw mistake("expected texts or --file, got both");
        }
        if (!Files.exists(run)) {
            throw new DataException(run + ": there is no such run folder or file" + Nearest.suggestion(run));
        }
        String task = TaskOfFile.of(run, Optional.empty());
        if (!task.equals("translation")) {
            throw new DataException(run + ": expected a run that translates, got one of the task " + task);
        }
        Decoding decoding = decoding();
        if (attention != null) {
            requireOneSentence();
            OutputFile.require("--attention", attention);
        }
        try (TextTranslator translator = TextTranslator.open(run)) {
            if (attention != null) {
                translator.drawAttention(texts.get(0), decoding, attention);
            }
            if (!texts.isEmpty()) {
                translate(translator, texts.iterator(), "text ", texts.size(), decoding);
            } else if (file != null) {
                translate(translator, TextFile.read(file).lines().iterator(), file + ":", TOGETHER, decoding);
            } else {
                // line by line: whoever writes them may wait for the answer
                String name = "standard input";
                translate(translator, TextFile.allLines(System.in, name).iterator(), name + ":", 1, decoding);
            }
        }
    }

    private void requireOneSentence() {
        if (texts.size() != 1 || texts.get(0).isBlank()) {
            throw mistake("expected one text with --attention, got " + texts.size());
        }
    }

    private Decoding decoding() {
        Decoding decoding = Decoding.USUAL;
        try {
            decoding = beam == null ? decoding : decoding.withBeams(beam);
            decoding = nBest == null ? decoding : decoding.withNBest(nBest);
            decoding = lengthPenalty == null ? decoding : decoding.withLengthPenalty(lengthPenalty);
            return coveragePenalty == null ? decoding : decoding.withCoveragePenalty(coveragePenalty);
        } catch (IllegalArgumentException e) {
            throw mistake("--beam, --n-best, --length-penalty, --coverage-penalty: " + e.getMessage());
        }
    }

    private void translate(
            TextTranslator translator, Iterator<String> sentences, String place, int together, Decoding decoding) {
        PrintWriter out = spec.commandLine().getOut();
        List<String> some = new ArrayList<>();
        for (int line = 1; sentences.hasNext(); line++) {
            String sentence = sentences.next();
            translator.require(sentence, place + line);
            some.add(sentence);
            if (some.size() == together || !sentences.hasNext()) {
                List<List<Translation>> found = translator.translateAll(some, decoding);
                for (int i = 0; i < some.size(); i++) {
                    print(out, some.get(i), found.get(i));
                }
                out.flush();
                some.clear();
            }
        }
    }

    private void print(PrintWriter out, String sentence, List<Translation> found) {
        if (json) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("source", sentence);
            answer.put(
                    "translations", found.stream().map(TranslateCommand::fields).toList());
            out.println(Json.line(answer));
        } else if (nBest == null) {
            out.println(found.get(0).text());
        } else {
            found.forEach(one -> out.println(String.format(Locale.ROOT, "%.3f\t%s", one.score(), one.text())));
        }
    }

    private static Map<String, Object> fields(Translation one) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("text", one.text());
        fields.put("score", one.score());
        fields.put("log_probability", one.logProbability());
        fields.put("ended", one.ended());
        return fields;
    }

    private ParameterException mistake(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
