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
 * Text of an untrained GPT of 6 layers and width 384, one prompt of 16 characters, 200 more, to be timed beside generate.py.
 *
 * <p>java -cp 'cli/target/lib/*' docs/benchmarks/Generate.java engine|onnx
 */
final class Generate {

    private static final int CHARACTERS = 65;
    private static final int TOKENS = 200;
    private static final int WARM_UP = 3;
    private static final int TEXTS = 9;

    public static void main(String[] args) throws Exception {
        String characters = IntStream.range(0, CHARACTERS)
                .mapToObj(i -> Character.toString((char) ('0' + i)))
                .collect(Collectors.joining());
        LanguageModelCard card = new LanguageModelCard(
                new LanguageNetwork(LanguageNetwork.Name.GPT, 6, 6, 384, OptionalInt.empty(), 256, 0, true),
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
