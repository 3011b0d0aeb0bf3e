package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.Detectors;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Detectors on the command line: published weights by their architecture's name, what is told, drawn, written, exported. */
class DetectorCommandsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static Path weights;
    private static Path photo;
    private static Path classifier;

    @BeforeAll
    static void makeWeights() throws IOException {
        weights = folder.resolve("published.safetensors");
        classifier = folder.resolve("classifier.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(6);
            Detector model = Detectors.named("fastestdet").build();
            model.initialize(manager);
            Safetensors.write(weights, StateDict.of(model), Map.of());
        }
        BufferedImage picture = new BufferedImage(80, 60, BufferedImage.TYPE_INT_RGB);
        // noise, so that no two places look alike and are scored alike
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 80 * 60; i++) {
            picture.setRGB(i % 80, i / 80, random.nextInt(1 << 24));
        }
        photo = folder.resolve("photo.png");
        ImageIO.write(picture, "png", photo.toFile());
        assertThat(Answer.of("export", "--model", "nin_small", "--untrained", "--to", classifier)
                        .code())
                .isZero();
    }

    private static Answer djinn(Object... words) {
        Answer answer = Answer.of(words);
        assertThat(answer.code()).as(answer.err()).isZero();
        return answer;
    }

    private static Answer predict(Object... more) {
        List<Object> words =
                new java.util.ArrayList<>(List.of("predict", "--model", "fastestdet", "--weights", weights, photo));
        words.addAll(List.of(more));
        return Answer.of(words.toArray());
    }

    private static List<JsonNode> objects(Answer answer) {
        assertThat(answer.code()).as(answer.err()).isZero();
        return JSON.readTree(answer.out()).path("objects").valueStream().toList();
    }

    private static List<String> labels(List<JsonNode> objects) {
        return objects.stream().map(object -> object.path("label").asString()).toList();
    }

    @Test
    void objectsAreChosenDrawnAndWritten() throws IOException {
        List<JsonNode> all = objects(predict("--conf", ".05", "--json"));
        assertThat(all).hasSizeGreaterThan(2);
        assertThat(objects(predict("--conf", ".05", "--max-det", 2, "--json"))).isEqualTo(all.subList(0, 2));
        // as float, of which the shortest decimal is written
        double middle = (float) all.get(1).path("score").asDouble();
        assertThat(objects(predict("--conf", middle, "--json"))).isEqualTo(all.subList(0, 1));
        String label = all.get(0).path("label").asString();
        assertThat(labels(objects(predict("--conf", ".05", "--classes", label, "--json"))))
                .isNotEmpty()
                .containsOnly(label);
        assertThat(objects(predict("--conf", ".05", "--iou", "0", "--json"))).hasSizeLessThan(all.size());

        Path drawn = folder.resolve("drawn");
        Path found = folder.resolve("found.json");
        djinn(
                "predict",
                "--model",
                "fastestdet",
                "--weights",
                weights,
                photo,
                "--conf",
                ".05",
                "--save",
                drawn,
                "--format",
                "coco",
                "--to",
                found);
        assertThat(ImageIO.read(drawn.resolve("photo-boxes.png").toFile()).getWidth())
                .isEqualTo(80);
        JsonNode results = JSON.readTree(Files.readString(found));
        assertThat(results.size()).isEqualTo(all.size());
        for (int i = 0; i < all.size(); i++) {
            assertThat(results.get(i).path("bbox")).isEqualTo(all.get(i).path("box"));
            assertThat(results.get(i).path("score")).isEqualTo(all.get(i).path("score"));
        }
        djinn(
                "predict",
                "--model",
                "fastestdet",
                "--weights",
                weights,
                photo,
                "--format",
                "voc",
                "--to",
                folder.resolve("voc"));
        assertThat(folder.resolve("voc/Annotations/photo.xml")).isNotEmptyFile();
        djinn(
                "predict",
                "--model",
                "fastestdet",
                "--weights",
                weights,
                photo,
                "--format",
                "yolo",
                "--to",
                folder.resolve("yolo"));
        assertThat(folder.resolve("yolo/labels/photo.txt")).exists();
    }

    @Test
    void mistakesAreOneLine() {
        expect("unknown class 'catt', did you mean 'cat'?", predict("--classes", "catt"));
        expect("expected --conf and --iou from 0 to 1", predict("--conf", "2"));
        expect("unknown suppression 'softnms', did you mean 'soft_nms'?", predict("--suppression", "softnms"));
        expect("--flip with images and a detector", Answer.of("predict", classifier, photo, "--flip"));
        expect("expected --max-det N", predict("--top", "3"));
        expect("expected --format FORM with --to PATH", predict("--format", "voc"));
        expect("expected --format FORM with --to PATH", predict("--format", "voc", "--to", folder, "--ids", photo));
        expect("expected --save DIR for pictures", predict("--save", folder, "--to", folder));
        for (List<String> boxes : List.of(
                List.of("--conf", "0.5"),
                List.of("--iou", "0.5"),
                List.of("--max-det", "5"),
                List.of("--format", "voc", "--to", folder.toString()))) {
            List<Object> words = new java.util.ArrayList<>(List.of("predict", classifier, photo));
            words.addAll(boxes);
            expect("--format with a detector, got a model of the task classification", Answer.of(words.toArray()));
        }
        expect("a detector with --classes NAMES", Answer.of("predict", classifier, photo, "--classes", "cat"));
        Path to = folder.resolve("x.onnx");
        expect(
                "export it with --suppression nms, or without --nms",
                Answer.of(
                        "export",
                        "--model",
                        "fastestdet",
                        "--weights",
                        weights,
                        "--to",
                        to,
                        "--nms",
                        "--suppression",
                        "box_voting"));
        expect("answer no boxes", Answer.of("export", classifier, "--to", to, "--nms"));
        expect("expected --nms with --conf", Answer.of("export", classifier, "--to", to, "--conf", ".5"));
        expect("--nms", Answer.of("export", weights, "--to", folder.resolve("x.pt"), "--nms"));
        assertThat(to).doesNotExist();
    }

    private static void expect(String part, Answer answer) {
        assertThat(answer.err()).startsWith("error: ").contains(part).hasLineCount(1);
        assertThat(answer.code()).isEqualTo(2);
    }

    @Test
    void exportsTellTheSame() {
        List<JsonNode> all = objects(predict("--conf", ".05", "--json"));
        Path raw = folder.resolve("raw.onnx");
        Path selecting = folder.resolve("selecting.onnx");
        Path script = folder.resolve("model.pt");
        Path own = folder.resolve("own.safetensors");
        List<String> named = List.of("export", "--model", "fastestdet", "--weights", weights.toString(), "--to");
        for (Path to : List.of(raw, script, own)) {
            List<Object> words = new java.util.ArrayList<>(named);
            words.add(to);
            djinn(words.toArray());
        }
        // the file of its own says what it is
        assertThat(djinn("export", own, "--to", selecting, "--nms", "--conf", ".05")
                        .out())
                .contains("it selects the same ");
        for (Path file : List.of(raw, script, own, selecting)) {
            List<JsonNode> same = objects(Answer.of("predict", file, photo, "--conf", ".05", "--json"));
            assertThat(labels(same)).isEqualTo(labels(all));
            for (int i = 0; i < all.size(); i++) {
                assertThat(same.get(i).path("score").asDouble())
                        .isCloseTo(all.get(i).path("score").asDouble(), within(1e-4));
                for (int side = 0; side < 4; side++) {
                    assertThat(same.get(i).path("box").get(side).asDouble())
                            .isCloseTo(all.get(i).path("box").get(side).asDouble(), within(1e-3));
                }
            }
        }
        expect("selects boxes itself", Answer.of("predict", selecting, photo, "--iou", ".3"));
    }

    @Test
    void otherSuppressionsAndTheMirrorImageAreAskedFor() {
        List<JsonNode> all = objects(predict("--conf", ".05", "--json"));
        List<JsonNode> soft = objects(predict("--conf", ".05", "--suppression", "soft_nms=0.3", "--json"));
        assertThat(soft.get(0)).isEqualTo(all.get(0));
        assertThat(soft).isNotEqualTo(all);
        assertThat(objects(predict("--conf", ".05", "--suppression", "nms", "--json")))
                .isEqualTo(all);
        assertThat(objects(predict("--conf", ".05", "--flip", "--json")))
                .isNotEmpty()
                .isNotEqualTo(all);
    }

    @Test
    void headsHaveTheNamesOfTheRecords() {
        Path in = folder.resolve("in.safetensors");
        Path to = folder.resolve("heads.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> inputs = new LinkedHashMap<>();
            inputs.put("x", manager.zeros(new Shape(1, 3, 64, 96)));
            Safetensors.write(in, inputs, Map.of());
            djinn("predict", "--model", "fastestdet", "--weights", weights, "--tensors", in, "--to", to);
            try (Safetensors written = Safetensors.open(to)) {
                assertThat(written.names()).containsExactly("output");
                assertThat(written.read(manager, "output").getShape()).isEqualTo(new Shape(1, 85, 4, 6));
            }
            inputs.put("y", manager.zeros(new Shape(2, 3, 32, 32)));
            Safetensors.write(in, inputs, Map.of());
            djinn("predict", "--model", "fastestdet", "--weights", weights, "--tensors", in, "--to", to);
            try (Safetensors written = Safetensors.open(to)) {
                assertThat(written.names()).containsExactly("x.output", "y.output");
            }
            inputs.put("z", manager.zeros(new Shape(2, 3, 33, 32)));
            Safetensors.write(in, inputs, Map.of());
            Answer wrong =
                    Answer.of("predict", "--model", "fastestdet", "--weights", weights, "--tensors", in, "--to", to);
            expect("tensor 'z': expected images (N, 3, H, W), float32, H and W multiples of 32", wrong);
        }
    }

    @Test
    void detectorsAreListedAndSummedUp() {
        assertThat(djinn("models", "--filter", "detection", "--json").lines())
                .allMatch(line -> line.contains("\"task\":\"detection\""))
                .anyMatch(line ->
                        line.startsWith("{\"name\":\"fastestdet\",\"task\":\"detection\",\"parameters\":244490"));
        assertThat(djinn("summary", "fastestdet").out()).contains("1x3x352x352 to 1x484x4, 1x484x80");
        assertThat(djinn("summary", "fastestdet", "--input", "3x64x64", "--classes", 2)
                        .out())
                .contains("1x16x2");
        expect("multiples of 32, got '3x60x64'", Answer.of("summary", "fastestdet", "--input", "3x60x64"));
    }
}
