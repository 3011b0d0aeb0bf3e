package djinn.tasks.track;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import djinn.ops.PyTorch;
import djinn.ops.ShortDecimal;
import djinn.tasks.Recipes;
import djinn.tasks.TinyRun;
import djinn.tasks.TinyRun.Killed;
import djinn.training.TrainingEvent;
import djinn.training.run.Results;
import djinn.training.run.RunFolder;
import djinn.zoo.weights.Safetensors;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.HistogramProto;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What TensorBoard and readers of lines find of a training. */
class TensorBoardTest {

    private static final String ALL = "train.log_to=[{name: tensorboard, histograms: true}, jsonl, csv]";

    /** Sixteen batches are looked at together: an epoch of thirty has a look in its middle. */
    private static final String[] SINGLE = {ALL, "train.batch_size=1", "train.accumulation_steps=1", "train.epochs=2"};

    @TempDir
    private Path folder;

    private static List<Event> events(Path run) throws IOException {
        return EventFiles.read(run.resolve("tensorboard"));
    }

    private static Map<String, Summary.Value> at(List<Event> events, long step) {
        Map<String, Summary.Value> values = new LinkedHashMap<>();
        events.stream()
                .filter(event -> event.getStep() == step)
                .forEach(
                        event -> event.getSummary().getValueList().forEach(value -> values.put(value.getTag(), value)));
        return values;
    }

    @Test
    void theChecksumOfTheTestIsTheReferences() {
        // RFC 3720, and the catalogue of checksums' "123456789"
        assertThat(EventFiles.crc32c("123456789".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(0xe3069283);
        assertThat(EventFiles.crc32c(new byte[32])).isEqualTo(0x8a9136aa);
    }

    @Test
    void figuresTextsPicturesAndWeightsAreReadBack() throws IOException {
        Path run = new TinyRun(folder).train("told", ALL);
        List<Event> events = events(run);
        assertThat(events.get(0).getFileVersion()).isEqualTo("brain.Event:2");

        Results results = new Results(run.resolve("results.csv"));
        Map<String, NavigableMap<Long, Float>> scalars = EventFiles.scalars(events);
        for (String figure : List.of("loss", "accuracy")) {
            for (String part : List.of("train", "val")) {
                NavigableMap<Long, Float> series = scalars.get(part + "/" + figure);
                assertThat(series.keySet()).containsExactly(3L, 6L, 9L);
                List<Double> column = results.column(part + "_" + figure);
                for (int epoch = 0; epoch < 3; epoch++) {
                    // the table has six decimals
                    assertThat((double) series.get(3L * (epoch + 1))).isEqualTo(column.get(epoch), Offset.offset(1e-6));
                }
            }
        }
        assertThat(scalars.get("lr").values().stream().map(Float::doubleValue).toList())
                .zipSatisfy(
                        results.column("lr"), (told, row) -> assertThat(told).isEqualTo(row, Offset.offset(1e-9)));
        assertThat(scalars.get("epoch")).containsExactly(Map.entry(3L, 1f), Map.entry(6L, 2f), Map.entry(9L, 3f));
        assertThat(scalars).containsKeys("batch/loss", "speed/images_per_s", "speed/epoch_seconds", "best/accuracy");

        Summary.Value recipe = at(events, 0).get("recipe");
        assertThat(recipe.getMetadata().getPluginData().getPluginName()).isEqualTo("text");
        assertThat(recipe.getTensor().getDtype()).isEqualTo(DataType.DT_STRING);
        assertThat(recipe.getTensor().getStringVal(0).toStringUtf8())
                .isEqualTo("```yaml\n" + Files.readString(run.resolve("recipe.yaml")) + "```");
        assertThat(at(events, 3).get("notes").getTensor().getStringVal(0).toStringUtf8())
                .contains("30 training and 9 validation images in 3 classes");

        Map<String, Summary.Value> end = at(events, 9);
        for (String picture : List.of("curves", "confusion_matrix")) {
            Summary.Image image = end.get(picture).getImage();
            assertThat(image.getEncodedImageString().toByteArray())
                    .isEqualTo(Files.readAllBytes(run.resolve(picture + ".png")));
            BufferedImage read = ImageIO.read(
                    new ByteArrayInputStream(image.getEncodedImageString().toByteArray()));
            assertThat(List.of(image.getWidth(), image.getHeight()))
                    .isEqualTo(List.of(read.getWidth(), read.getHeight()));
        }
        requireHistograms(end, run);
    }

    /** Of the moving average, which was validated and is in the checkpoint. */
    private static void requireHistograms(Map<String, Summary.Value> end, Path run) {
        int found = 0;
        try (Safetensors file = Safetensors.open(run.resolve("last/checkpoint.safetensors"));
                NDManager manager = PyTorch.newManager()) {
            for (Map.Entry<String, NDArray> array : file.readAll(manager).entrySet()) {
                Summary.Value value = end.get("weights/" + array.getKey().replaceFirst("^ema\\.", ""));
                if (!array.getKey().startsWith("ema.") || value == null) {
                    continue;
                }
                found++;
                float[] weights = array.getValue().toFloatArray();
                double sum = 0;
                float min = weights[0];
                for (float weight : weights) {
                    sum += weight;
                    min = Math.min(min, weight);
                }
                HistogramProto histogram = value.getHisto();
                assertThat(histogram.getNum()).isEqualTo(weights.length);
                assertThat(histogram.getMin()).isEqualTo(min);
                assertThat(histogram.getSum()).isEqualTo(sum, Offset.offset(1e-6));
                assertThat(histogram.getBucketList().stream()
                                .mapToDouble(count -> count)
                                .sum())
                        .isEqualTo(weights.length);
                assertThat(histogram.getBucketLimitCount()).isEqualTo(histogram.getBucketCount());
            }
        }
        assertThat(found).isGreaterThan(4);
    }

    @Test
    void theKeysOfTheRecipeAreHyperParameters() throws IOException {
        Path run = new TinyRun(folder).train("parameters", "train.epochs=1", ALL);
        List<Event> events = events(run);
        Summary.Value start = at(events, 0).get("_hparams_/session_start_info");
        assertThat(start.getMetadata().getPluginData().getPluginName()).isEqualTo("hparams");
        UnknownFieldSet session = inner(start, 3);
        Map<String, Value> values = new LinkedHashMap<>();
        for (ByteString entry : session.getField(1).getLengthDelimitedList()) {
            UnknownFieldSet pair = UnknownFieldSet.parseFrom(entry);
            values.put(
                    pair.getField(1).getLengthDelimitedList().get(0).toStringUtf8(),
                    Value.parseFrom(pair.getField(2).getLengthDelimitedList().get(0)));
        }
        assertThat(values.get("optimizer.lr").getNumberValue()).isEqualTo(0.01);
        assertThat(values.get("model.name").getStringValue()).isEqualTo("nin_small");
        assertThat(values.get("train.batch_size").getNumberValue()).isEqualTo(4);
        assertThat(values.get("train.gradient_checkpointing").getKindCase()).isEqualTo(Value.KindCase.BOOL_VALUE);
        assertThat(values.get("data.augment.0.degrees").getNumberValue()).isEqualTo(5);

        UnknownFieldSet experiment = inner(at(events, 0).get("_hparams_/experiment"), 2);
        assertThat(experiment.getField(4).getLengthDelimitedList()).hasSize(values.size());
        List<String> figures = new ArrayList<>();
        for (ByteString figure : experiment.getField(5).getLengthDelimitedList()) {
            UnknownFieldSet name = UnknownFieldSet.parseFrom(UnknownFieldSet.parseFrom(figure)
                    .getField(1)
                    .getLengthDelimitedList()
                    .get(0));
            figures.add(name.getField(2).getLengthDelimitedList().get(0).toStringUtf8());
        }
        assertThat(figures).containsExactly("val/accuracy", "val/loss");
        assertThat(EventFiles.scalars(events)).containsKeys("val/accuracy", "val/loss");
        UnknownFieldSet end = inner(at(events, 3).get("_hparams_/session_end_info"), 4);
        assertThat(end.getField(1).getVarintList()).containsExactly(1L);
    }

    private static UnknownFieldSet inner(Summary.Value value, int field) throws IOException {
        UnknownFieldSet data =
                UnknownFieldSet.parseFrom(value.getMetadata().getPluginData().getContent());
        return UnknownFieldSet.parseFrom(
                data.getField(field).getLengthDelimitedList().get(0));
    }

    @Test
    void aRunThatWasKilledGoesOnWithoutSayingAnythingTwice() throws IOException {
        TinyRun tiny = new TinyRun(folder);
        Path whole = tiny.train("whole", SINGLE);
        // behind a look at the losses that is not in the checkpoint
        Path killed = tiny.train("killed", tiny.recipe(SINGLE), (event, run) -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == 1 && batch.batch() == 20) {
                throw new Killed();
            }
        });
        Map<String, NavigableMap<Long, Float>> before = EventFiles.scalars(events(killed));
        assertThat(before.get("batch/loss").lastKey()).isEqualTo(46);
        TinyRun.resume(killed);
        assertThat(killed.resolve("tensorboard").toFile().list()).hasSize(2);

        Map<String, NavigableMap<Long, Float>> expected = EventFiles.scalars(events(whole));
        Map<String, NavigableMap<Long, Float>> shown = EventFiles.scalars(EventFiles.shown(events(killed)));
        assertThat(shown.keySet()).isEqualTo(expected.keySet());
        expected.keySet().stream()
                .filter(name -> !name.startsWith("speed/"))
                .forEach(name -> assertThat(shown.get(name)).as(name).isEqualTo(expected.get(name)));
        assertThat(expected.get("batch/loss").keySet()).containsExactly(16L, 30L, 46L, 60L);

        assertThat(lines(killed)).isEqualTo(lines(whole));
    }

    /** Figures of the lines, each once. */
    private static Map<String, Double> lines(Path run) throws IOException {
        ObjectMapper json = new ObjectMapper();
        Map<String, Double> figures = new TreeMap<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode event = json.readTree(line);
            assertThat(event.path("time").asString()).endsWith("Z");
            event.path("values").properties().forEach(figure -> {
                if (!figure.getKey().startsWith("speed/")) {
                    String key = figure.getKey() + " at " + event.path("step").asLong();
                    assertThat(figures.put(key, figure.getValue().asDouble()))
                            .as(key)
                            .isNull();
                    // no float with the digits of a double
                    assertThat(ShortDecimal.of(figure.getValue().asDouble()))
                            .as(key)
                            .isInstanceOf(Double.class);
                }
            });
        }
        assertThat(figures).isNotEmpty();
        return figures;
    }

    @Test
    void whatATrainingIsWrittenToMayChangeWhenItGoesOn() throws IOException {
        TinyRun tiny = new TinyRun(folder);
        Path run = tiny.train("joined", "train.epochs=1");
        assertThat(run.resolve("tensorboard")).doesNotExist();
        assertThat(run.resolve("metrics.jsonl")).doesNotExist();
        TinyRun.resume(run, "train.epochs=2", "train.log_to=[tensorboard]");
        assertThat(EventFiles.scalars(events(run)).get("val/loss").keySet()).containsExactly(6L);
        assertThat(Recipes.of(RunFolder.open(run), List.of()).train().logTo()).hasSize(1);
    }
}
