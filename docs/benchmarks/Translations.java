import ai.djl.ndarray.NDManager;
import djinn.data.text.TokenSequence;
import djinn.export.Exporter;
import djinn.inference.ModelFile;
import djinn.inference.text.Continuation;
import djinn.inference.text.StepExport;
import djinn.inference.text.TokenModel;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.language.Transformer;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.TransformerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What an untrained translator as large as that of configs/tatoeba_transformer.yaml makes of one sentence of 12 tokens, 30 tokens
 * by the likeliest, to be timed beside translations.py.
 *
 * <p>java -cp 'cli/target/lib/*' docs/benchmarks/Translations.java engine|onnx
 */
final class Translations {

    private static final int VOCABULARY = 5000;
    private static final int SOURCE = 12;
    private static final int TOKENS = 30;
    private static final int WARM_UP = 100;
    private static final int SENTENCES = 61;

    public static void main(String[] args) throws Exception {
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(0);
            Transformer.Translator translator = new Transformer.Translator(
                    VOCABULARY, new TransformerConfig(256, 4, 1024, 0, Nonlinearity.RELU, true, 1e-5), 3);
            translator.initialize(manager);
            if (args[0].equals("engine")) {
                time(TokenModel.of(translator, 1));
                return;
            }
            Path folder = Files.createTempDirectory("translations");
            StepExport.write(translator, folder.resolve("step.onnx"), Exporter.Settings.DEFAULT);
            time(TokenModel.open(ModelFile.of(folder.resolve("step.onnx"), Optional.empty()), null, 1));
        }
    }

    private static void time(TokenModel opened) {
        TokenSequence source = TokenSequence.of(IntStream.range(3, 3 + SOURCE).toArray());
        double[] times = new double[SENTENCES];
        try (TokenModel model = opened) {
            for (int i = -WARM_UP; i < SENTENCES; i++) {
                long begun = System.nanoTime();
                try (Continuation continuation = model.begin(List.of(source))) {
                    for (int t = 0; t < TOKENS; t++) {
                        continuation.read(likeliest(continuation.logits(0)));
                    }
                }
                if (i >= 0) {
                    times[i] = (System.nanoTime() - begun) / 1e6 / TOKENS;
                }
            }
        }
        Arrays.sort(times);
        System.out.printf(
                Locale.ROOT, "{\"median_ms_per_token\": %.3f, \"least\": %.3f}%n", times[SENTENCES / 2], times[0]);
    }

    private static int likeliest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }
}
