package djinn.zoo.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.Pass;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Regions that look at each other.
 *
 * <p>{@code golden/detection/relation.json} was written with PyTorch in double precision from the paper's equations, pair by
 * pair and relation by relation: six boxes, features of 8 values, 4 relations of 3 keys; the gradients are those of the sum of
 * the output times {@code pull}. {@code removal} are boxes of two classes, {@code shift}ed by up to 8 pixels, of two images
 * with four and two of the six, of which three of a class are looked at; inputs and weights are by formula.
 */
class RelationTest {

    private static final JsonNode RECORD = Golden.read("detection/relation.json");

    private static NDArray input(NDManager manager, String name, long... shape) {
        return FormulaWeights.doubles(Formula.input(manager, name, new Shape(shape)), 1);
    }

    private static Pass pass(NDManager manager) {
        return new Pass(new ParameterStore(manager, false), false);
    }

    private static void assertRecorded(String what, NDArray actual, JsonNode expected) {
        Golden.assertClose(what, actual.toType(DataType.FLOAT32, false), expected);
    }

    @Test
    void outputAndGradientsAreThoseOfTheEquations() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            Relation relation = new Relation(8, 4, 3);
            relation.initialize(manager, DataType.FLOAT64);
            FormulaWeights.load(relation, manager);
            NDArray boxes = FormulaWeights.doubles(Golden.array(manager, RECORD.get("boxes")), 1)
                    .expandDims(0);
            NDArray geometry = Relation.geometry(boxes);
            assertRecorded("geometry", geometry.get("0, :3"), RECORD.get("geometry"));
            NDArray x = input(manager, "x", 6, 8);
            Map<String, NDArray> moved = new LinkedHashMap<>();
            moved.put("x", x);
            relation.getParameters().forEach(entry -> {
                Parameter parameter = entry.getValue();
                moved.put(entry.getKey(), parameter.getArray());
            });
            moved.values().forEach(array -> array.setRequiresGradient(true));
            NDArray y =
                    relation.forward(x.expandDims(0), geometry, pass(manager)).squeeze(0);
            assertRecorded("output", y, RECORD.get("output"));
            NDArray pulled = y.mul(input(manager, "pull", 6, 8)).sum();
            try (Gradients gradients = Gradients.of(pulled, new NDList(moved.values()), manager)) {
                int at = 0;
                for (String name : moved.keySet()) {
                    assertRecorded(
                            name,
                            gradients.arrays().get(at++),
                            RECORD.get("gradients").get(name));
                }
            }
        }
    }

    @Test
    void duplicatesAreJudgedByRankFeatureAndPlace() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            JsonNode record = RECORD.get("removal");
            DuplicateRemoval removal = new DuplicateRemoval(8, 3);
            removal.initialize(manager, DataType.FLOAT64);
            FormulaWeights.load(removal, manager);
            NDArray boxes = FormulaWeights.doubles(Golden.array(manager, record.get("boxes")), 1);
            NDArray scores = input(manager, "scores", 6, 2).add(1);
            float[] owners = new float[30];
            owners[20] = 1;
            owners[25] = 1;
            NDArray regions = manager.create(owners, new Shape(6, 5));
            NDArray logits = removal.forward(
                    input(manager, "hidden", 6, 8), boxes, scores, new ImageRows(regions, 2), pass(manager));
            assertRecorded("logits", logits, record.get("logits"));
            assertRecorded("chance", DuplicateRemoval.chance(logits), record.get("chance"));
        }
    }

    /** The second image's regions are told the same whatever is in the first. */
    @Test
    void imagesDoNotLookAtEachOther() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Detector model = Detectors.named("relation_rcnn_learned_nms").build(3);
            model.initialize(manager);
            NDArray images = manager.randomUniform(-1, 1, new Shape(2, 3, 64, 96));
            NDArray both = manager.create(
                    new float[] {0, 3, 4, 30, 40, 1, 10, 12, 40, 52, 1, 12, 12, 40, 50, 0, 8, 8, 90, 60},
                    new Shape(4, 5));
            NDArray one = manager.create(new float[] {0, 10, 12, 40, 52, 0, 12, 12, 40, 50}, new Shape(2, 5));
            NDList together = model.forward(images, (proposed, stage) -> both, pass(manager));
            NDList alone = model.forward(images.get("1:2"), (proposed, stage) -> one, pass(manager));
            assertThat(together).hasSameSizeAs(model.headNames());
            for (String head : new String[] {"roi.class_logits", "roi.box_deltas", "roi.distinct_logits"}) {
                int at = model.headNames().indexOf(head);
                NDArray own = alone.get(at);
                NDArray apart = together.get(at).get("1:3").sub(own).abs().max();
                assertThat(apart.getFloat()).as(head).isLessThan(1e-4f);
            }

            Decoded decoded = model.decode(together, 64, 96);
            assertThat(decoded.boxes().getShape()).isEqualTo(new Shape(2, 2, 3, 4));
            float score = decoded.scores().get("1, 1, 2").getFloat();
            NDArray logits = together.get(model.headNames().indexOf("roi.class_logits"));
            double own = logits.softmax(1).get("2, 3").getFloat();
            double chance = DuplicateRemoval.chance(together.get(together.size() - 1))
                    .get("2, 2")
                    .getFloat();
            assertThat((double) score).isCloseTo(own * chance, within(1e-6));

            NDArray none = manager.zeros(new Shape(0, 5));
            for (String name : new String[] {"relation_rcnn", "relation_rcnn_learned_nms"}) {
                Detector empty = Detectors.named(name).build(3);
                empty.initialize(manager);
                Decoded nothing = empty.decode(empty.forward(images, (proposed, stage) -> none, pass(manager)), 64, 96);
                assertThat(nothing.scores().getShape()).isEqualTo(new Shape(2, 1, 3));
                assertThat(nothing.scores().max().getFloat()).isZero();
            }
        }
    }

    /** Of 7 regions 3 are judged, by the class's own score; what is not counts as a duplicate. */
    @Test
    void boxesThatAreNotAmongTheBestOfTheirClassAreDuplicates() {
        try (NDManager manager = PyTorch.newManager()) {
            DuplicateRemoval removal = new DuplicateRemoval(16, 3);
            removal.initialize(manager);
            float[] scores = {.9f, .1f, .2f, .3f, .5f, .5f, .4f, .8f, 0, .7f, .6f, .2f, .1f, .4f};
            NDArray regions = manager.zeros(new Shape(7, 5));
            NDArray logits = removal.forward(
                    manager.randomNormal(new Shape(7, 16)),
                    manager.randomUniform(0, 50, new Shape(7, 2, 4)),
                    manager.create(scores, new Shape(7, 2)),
                    new ImageRows(regions, 1),
                    pass(manager));
            assertThat(logits.getShape()).isEqualTo(new Shape(7, 2, DuplicateRemoval.OVERLAPS));
            float[] first = logits.get(":, :, 0").toFloatArray();
            for (int region = 0; region < 7; region++) {
                for (int label = 0; label < 2; label++) {
                    boolean isJudged = (label == 0 ? List.of(0, 2, 5) : List.of(2, 3, 4)).contains(region);
                    assertThat(first[2 * region + label] != DuplicateRemoval.LEFT_OUT)
                            .as("%d of class %d", region, label)
                            .isEqualTo(isJudged);
                }
            }
        }
    }

    /** What is traced with a few regions holds where there are more than are judged. */
    @Test
    void aTraceJudgesTheBestOfAsManyAsThereAre() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Randomness.seed(8);
            Detector model = Detectors.named("relation_rcnn_learned_nms").build(3);
            model.initialize(manager);
            model.getParameters().get("rpn.head.bbox_pred.weight").getArray().muli(20);
            model.getParameters()
                    .get("roi_heads.box_predictor.cls_score.weight")
                    .getArray()
                    .muli(50);
            NDList image = new NDList(manager.randomUniform(-1, 1, new Shape(1, 3, 96, 128)));
            NDList expected = model.forward(new ParameterStore(manager, false), image, false);
            assertThat(expected.get(0).getShape().get(1)).isGreaterThan(100);
            try (Graph graph = DynamicTrace.trace(model, image, List.of())) {
                NDList told = graph.run(image);
                for (int i = 0; i < 2; i++) {
                    assertThat(told.get(i).getShape()).isEqualTo(expected.get(i).getShape());
                    assertThat(told.get(i).sub(expected.get(i)).abs().max().getFloat())
                            .isLessThan(1e-4f * expected.get(i).abs().max().getFloat());
                }
            }
        }
    }
}
