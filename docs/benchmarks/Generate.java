import ai.djl.ndarray.NDManager;
import djinn.data.text.CharacterVocabulary;
import djinn.export.Exporter;
import djinn.export.onnx.OnnxOptions;
import djinn.inference.text.StepExport;
import djinn.inference.text.TokenModel;
import djinn.inference.text.TokenSampling;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.language.Generation;
import djinn.predict.language.LanguageModelCard;
import djinn.predict.language.LanguageNetwork;
import djinn.predict.language.TextGenerator;
import djinn.zoo.language.LanguageModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Text of an untrained GPT, one prompt of 16 characters, 100 more, to be timed beside generate.py. By default it is as large
 * as that of configs/shakespeare_gpt.yaml.
 *
 * <p>java -cp 'cli/target/lib/*' docs/benchmarks/Generate.java engine|onnx [LAYERS HEADS WIDTH]
 */
final class Generate {

    private static final int CHARACTERS = 65;
    private static final int TOKENS = 100;
    private static final int CONTEXT = 128;
    private static final int WARM_UP = 100;
    private static final int TEXTS = 31;

    public static void main(String[] args) throws Exception {
        String characters = IntStream.range(0, CHARACTERS)
                .mapToObj(i -> Character.toString((char) ('0' + i)))
                .collect(Collectors.joining());
        int layers = size(args, 1, 4);
        int heads = size(args, 2, 4);
        int width = size(args, 3, 128);
        LanguageModelCard card = new LanguageModelCard(
                new LanguageNetwork(
                        LanguageNetwork.Name.GPT, layers, heads, width, OptionalInt.empty(), CONTEXT, 0, true),
                CharacterVocabulary.of(characters));
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(0);
            LanguageModel gpt = card.newModel();
            gpt.initialize(manager);
            if (args[0].equals("engine")) {
                time(TextGenerator.of(card, TokenModel.of(gpt)));
                return;
            }
            Path folder = Files.createTempDirectory("generate");
            Path file = folder.resolve("gpt.onnx");
            OnnxOptions options = OnnxOptions.DEFAULT.withMetadata(card.toMetadata());
            StepExport.write(gpt, file, Exporter.Settings.DEFAULT.withOptions(options));
            time(TextGenerator.open(file));
            Files.delete(file);
            Files.delete(folder);
        }
    }

    private static int size(String[] args, int at, int usual) {
        return args.length > at ? Integer.parseInt(args[at]) : usual;
    }

    private static void time(TextGenerator opened) {
        double[] times = new double[TEXTS];
        try (TextGenerator generator = opened) {
            for (int i = -WARM_UP; i < TEXTS; i++) {
                Generation generation =
                        Generation.of(TOKENS).withSampling(TokenSampling.PLAIN).withSeed(i);
                long begun = System.nanoTime();
                generator.generate("0123456789:;<=>?", generation, piece -> {});
                if (i >= 0) {
                    times[i] = (System.nanoTime() - begun) / 1e6 / TOKENS;
                }
            }
        }
        Arrays.sort(times);
        System.out.printf(
                Locale.ROOT, "{\"median_ms_per_token\": %.3f, \"least\": %.3f}%n", times[TEXTS / 2], times[0]);
    }
}
