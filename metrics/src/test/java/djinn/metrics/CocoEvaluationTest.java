package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.golden.Golden;
import djinn.metrics.CocoEvaluation.SizeRange;
import djinn.ops.Box;
import djinn.ops.RunLengthMask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CocoEvaluationTest {

    private static final Box SMALL = new Box(0, 0, 10, 10);
    private static final Box MEDIUM = new Box(100, 100, 50, 50);
    private static final Box LARGE = new Box(200, 200, 100, 100);
    private static final Box NOWHERE = new Box(500, 500, 10, 10);

    @Test
    void figuresAreThoseOfPycocotools() {
        JsonNode record = Golden.read("metrics.json").get("coco");
        CocoEvaluation evaluation = evaluate(record, SizeRange.BOXES);
        assertThat(evaluation.images()).isEqualTo(8);
        assertFigures(evaluation.figures(), record.get("stats"));
    }

    @Test
    void figuresWithCrowdsAndTiesAreThoseOfPycocotools() {
        JsonNode record = Golden.read("coco.json");
        for (SizeRange region : SizeRange.values()) {
            JsonNode expected = record.get(region == SizeRange.BOXES ? "boxes" : "masks");
            CocoEvaluation evaluation = evaluate(record, region);
            assertFigures(evaluation.figures(), expected.get("stats"));
            assertThat(evaluation.value()).isEqualTo(evaluation.figures().ap());
            Map<Integer, CocoFigures> categories = evaluation.figuresByCategory();
            assertThat(categories).hasSize(3);
            categories.forEach((category, figures) -> assertThat(figures.ap())
                    .isCloseTo(expected.get("ap_by_category").get("" + category).asDouble(), within(1e-9)));
        }
    }

    @Test
    void perfectDetectionsScoreOneWhereThereIsGroundTruth() {
        CocoEvaluation evaluation = boxes();
        evaluation.add(
                1,
                List.of(GroundTruth.of(3, SMALL), GroundTruth.of(3, LARGE)),
                List.of(Detection.of(3, LARGE, .1), Detection.of(3, SMALL, .2)));
        assertThat(evaluation.figures()).isEqualTo(new CocoFigures(1, 1, 1, 1, -1, 1, .5, 1, 1, 1, -1, 1));
        assertThat(evaluation.figures().byName())
                .containsEntry("AP_medium", -1.)
                .containsEntry("AR_1", .5)
                .hasSize(12);
    }

    @Test
    void categoriesWithoutGroundTruthCountForNothing() {
        CocoEvaluation evaluation = boxes();
        assertThat(evaluation.value()).isNaN();
        assertThat(evaluation.figures().byName().values()).containsOnly(-1.);
        evaluation.add(1, List.of(), List.of(Detection.of(9, SMALL, .9)));
        assertThat(evaluation.figures().byName().values()).containsOnly(-1.);
        assertThat(evaluation.value()).isNaN();
        evaluation.add(2, List.of(GroundTruth.of(1, SMALL)), List.of(Detection.of(1, SMALL, .9)));
        assertThat(evaluation.figures().ap()).isEqualTo(1);
        assertThat(evaluation.figuresByCategory().get(9).ap()).isEqualTo(-1);
        evaluation.add(3, List.of(GroundTruth.of(2, SMALL)), List.of());
        assertThat(evaluation.figures().ap()).isEqualTo(.5);
        assertThat(evaluation.figuresByCategory().get(2).ar100()).isZero();
    }

    @Test
    void overlapsCountUpToTheirThreshold() {
        // An overlap of 72 of 100 meets the thresholds .50 to .70, five of ten, and not .75.
        CocoEvaluation evaluation = boxes();
        evaluation.add(1, List.of(GroundTruth.of(1, SMALL)), List.of(Detection.of(1, new Box(0, 0, 7.2, 10), .9)));
        assertThat(evaluation.figures().ap()).isCloseTo(.5, within(1e-12));
        assertThat(evaluation.figures().ap50()).isEqualTo(1);
        assertThat(evaluation.figures().ap75()).isZero();
        assertThat(evaluation.figures().ar1()).isCloseTo(.5, within(1e-12));
        // One of exactly half meets the first alone.
        CocoEvaluation half = boxes();
        half.add(1, List.of(GroundTruth.of(1, SMALL)), List.of(Detection.of(1, new Box(0, 0, 5, 10), .9)));
        assertThat(half.figures().ap()).isCloseTo(.1, within(1e-12));
        assertThat(half.figures().ap50()).isEqualTo(1);
    }

    @Test
    void aWrongDetectionCostsPrecisionByItsRank() {
        // Hit, miss, hit of two objects: precision 1 up to recall 1/2, which is read at 51 of 101 recalls, then 2/3.
        CocoEvaluation evaluation = boxes();
        evaluation.add(
                1,
                List.of(GroundTruth.of(1, SMALL), GroundTruth.of(1, LARGE)),
                List.of(Detection.of(1, SMALL, .9), Detection.of(1, NOWHERE, .8), Detection.of(1, LARGE, .7)));
        assertThat(evaluation.figures().ap()).isCloseTo((51 + 50 * 2 / 3.) / 101, within(1e-12));
        // Small: the stray box is small too, but comes after the hit. Large: it is out of range and counts not at all.
        assertThat(evaluation.figures().apSmall()).isEqualTo(1);
        assertThat(evaluation.figures().apLarge()).isEqualTo(1);
    }

    @Test
    void anObjectIsFoundOnce() {
        CocoEvaluation evaluation = boxes();
        evaluation.add(
                1,
                List.of(GroundTruth.of(1, SMALL), GroundTruth.of(1, LARGE)),
                List.of(Detection.of(1, SMALL, .9), Detection.of(1, SMALL, .8), Detection.of(1, LARGE, .7)));
        assertThat(evaluation.figures().ap()).isCloseTo((51 + 50 * 2 / 3.) / 101, within(1e-12));
    }

    @Test
    void crowdsSwallowAnyNumberOfDetectionsInsideThem() {
        GroundTruth crowd = new GroundTruth(1, LARGE, LARGE.area(), true, Optional.empty());
        Box inside = new Box(210, 210, 20, 20);
        List<GroundTruth> truths = List.of(crowd, GroundTruth.of(1, SMALL));
        CocoEvaluation evaluation = boxes();
        evaluation.add(
                1,
                truths,
                List.of(
                        Detection.of(1, inside, .9),
                        Detection.of(1, inside, .8),
                        Detection.of(1, LARGE, .8),
                        Detection.of(1, SMALL, .1)));
        // Each of the three lies wholly in the crowd, and so counts neither for nor against.
        assertThat(evaluation.figures().ap()).isEqualTo(1);
        assertThat(evaluation.figures().apLarge()).isEqualTo(-1);
        // The hit is the fourth of its image.
        assertThat(evaluation.figures().ar1()).isZero();
        assertThat(evaluation.figures().ar10()).isEqualTo(1);
        CocoEvaluation beside = boxes();
        beside.add(1, truths, List.of(Detection.of(1, NOWHERE, .9), Detection.of(1, SMALL, .1)));
        assertThat(beside.figures().ap()).isCloseTo(.5, within(1e-12));
    }

    @Test
    void anObjectThatCountsIsPreferredToACrowd() {
        GroundTruth crowd = new GroundTruth(1, SMALL, SMALL.area(), true, Optional.empty());
        CocoEvaluation evaluation = boxes();
        // The overlap with the crowd is 1, with the object .8; still the object is taken, up to the threshold .8.
        evaluation.add(1, List.of(crowd, GroundTruth.of(1, SMALL)), List.of(Detection.of(1, new Box(0, 0, 8, 10), .9)));
        assertThat(evaluation.figures().ar100()).isCloseTo(.7, within(1e-12));
        assertThat(evaluation.figures().ap()).isCloseTo(.7, within(1e-12));
    }

    @Test
    void theAreaIsTheAnnotationsAndRangesTouch() {
        CocoEvaluation evaluation = boxes();
        GroundTruth onTheEdge = new GroundTruth(1, MEDIUM, 32 * 32, false, Optional.empty());
        evaluation.add(1, List.of(onTheEdge), List.of(Detection.of(1, MEDIUM, .9)));
        assertThat(evaluation.figures().apSmall()).isEqualTo(1);
        assertThat(evaluation.figures().apMedium()).isEqualTo(1);
        assertThat(evaluation.figures().apLarge()).isEqualTo(-1);
    }

    @Test
    void detectionsBeyondAHundredAreNotSeen() {
        List<Detection> detections = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            detections.add(Detection.of(1, NOWHERE, .5));
        }
        detections.add(Detection.of(1, SMALL, .4));
        CocoEvaluation late = boxes();
        late.add(1, List.of(GroundTruth.of(1, SMALL)), detections);
        assertThat(late.figures().ar100()).isZero();
        CocoEvaluation inTime = boxes();
        inTime.add(1, List.of(GroundTruth.of(1, SMALL)), detections.subList(1, 101));
        assertThat(inTime.figures().ar100()).isEqualTo(1);
        assertThat(inTime.figures().ar10()).isZero();
        assertThat(inTime.figures().ap50()).isCloseTo(.01, within(1e-12));
        // The hundred are counted per category.
        CocoEvaluation apart = boxes();
        List<Detection> others = new ArrayList<>(detections);
        others.set(100, Detection.of(2, SMALL, .4));
        apart.add(1, List.of(GroundTruth.of(2, SMALL)), others);
        assertThat(apart.figures().ar1()).isEqualTo(1);
    }

    @Test
    void equalScoresKeepTheOrderOfImagesAndThenTheOrderGiven() {
        CocoEvaluation hitFirst = boxes();
        hitFirst.add(2, List.of(), List.of(Detection.of(1, NOWHERE, .5)));
        hitFirst.add(1, List.of(GroundTruth.of(1, SMALL)), List.of(Detection.of(1, SMALL, .5)));
        assertThat(hitFirst.figures().ap()).isEqualTo(1);
        CocoEvaluation missFirst = boxes();
        missFirst.add(1, List.of(), List.of(Detection.of(1, NOWHERE, .5)));
        missFirst.add(2, List.of(GroundTruth.of(1, SMALL)), List.of(Detection.of(1, SMALL, .5)));
        assertThat(missFirst.figures().ap()).isCloseTo(.5, within(1e-12));
        CocoEvaluation oneImage = boxes();
        oneImage.add(
                1,
                List.of(GroundTruth.of(1, SMALL)),
                List.of(Detection.of(1, NOWHERE, -0.0), Detection.of(1, SMALL, 0)));
        assertThat(oneImage.figures().ap()).isCloseTo(.5, within(1e-12));
    }

    @Test
    void masksAreComparedByTheirPixels() {
        // Two triangles of one square have the same box and half the pixels each.
        RunLengthMask lower = RunLengthMask.of(2, 2, new boolean[] {true, false, true, true});
        RunLengthMask upper = RunLengthMask.of(2, 2, new boolean[] {true, true, false, true});
        CocoEvaluation masks = new CocoEvaluation(SizeRange.MASKS);
        masks.add(1, List.of(GroundTruth.of(1, lower)), List.of(Detection.of(1, upper, .9)));
        // Two shared of four: the first threshold alone.
        assertThat(masks.figures().ap()).isCloseTo(.1, within(1e-12));
        CocoEvaluation boxes = boxes();
        boxes.add(1, List.of(GroundTruth.of(1, lower)), List.of(Detection.of(1, upper, .9)));
        assertThat(boxes.figures().ap()).isEqualTo(1);
    }

    @Test
    void halvesMergeToTheWholeInAnyOrder() {
        Random random = new Random(11);
        for (int trial = 0; trial < 10; trial++) {
            CocoEvaluation whole = boxes();
            CocoEvaluation first = boxes();
            CocoEvaluation second = boxes();
            for (int image = 20; image > 0; image--) {
                List<GroundTruth> truths = new ArrayList<>();
                List<Detection> detections = new ArrayList<>();
                for (int i = random.nextInt(6); i > 0; i--) {
                    Box box = box(random);
                    truths.add(new GroundTruth(
                            random.nextInt(3), box, box.area(), random.nextInt(5) == 0, Optional.empty()));
                }
                for (int i = random.nextInt(9); i > 0; i--) {
                    detections.add(Detection.of(random.nextInt(4), box(random), random.nextInt(4) / 4.));
                }
                whole.add(image, truths, detections);
                (random.nextBoolean() ? first : second).add(image, truths, detections);
            }
            second.merge(first);
            assertThat(second.figures()).isEqualTo(whole.figures());
            assertThat(second.figuresByCategory()).isEqualTo(whole.figuresByCategory());
            assertThat(whole.figures().ar100()).isPositive();
            CocoEvaluation restored = boxes();
            restored.merge(whole.state());
            assertThat(restored.figures()).isEqualTo(whole.figures());
            assertThat(restored.images()).isEqualTo(20);
        }
    }

    @Test
    void whatDoesNotBelongTogetherIsRefusedAndChangesNothing() {
        CocoEvaluation evaluation = boxes();
        evaluation.add(5, List.of(GroundTruth.of(1, SMALL)), List.of());
        assertThatThrownBy(() -> evaluation.add(5, List.of(), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("image 5 again");
        assertThatThrownBy(() -> evaluation.add(1L << 60, List.of(), List.of())).hasMessageContaining("53 bits");
        CocoEvaluation other = boxes();
        other.add(4, List.of(GroundTruth.of(1, SMALL)), List.of());
        other.add(5, List.of(), List.of());
        assertThatThrownBy(() -> evaluation.merge(other)).hasMessageContaining("image 5 in both");
        assertThat(evaluation.images()).isEqualTo(1);
        CocoEvaluation masks = new CocoEvaluation(SizeRange.MASKS);
        assertThatThrownBy(() -> evaluation.merge(masks)).hasMessageContaining("same kind");
        assertThatThrownBy(() -> masks.add(1, List.of(GroundTruth.of(1, SMALL)), List.of()))
                .hasMessageContaining("mask with every object");
        RunLengthMask one = RunLengthMask.of(1, 1, new boolean[1]);
        RunLengthMask two = RunLengthMask.of(2, 1, new boolean[2]);
        assertThatThrownBy(() -> masks.add(1, List.of(GroundTruth.of(1, one)), List.of(Detection.of(1, two, 1))))
                .hasMessageContaining("resize detections");
        assertThat(masks.images()).isZero();
        assertThatThrownBy(() -> Detection.of(1, SMALL, Double.NaN)).hasMessageContaining("score");
        assertThatThrownBy(() -> new Box(0, Double.NaN, 1, 1)).hasMessageContaining("finite box");
        assertThatThrownBy(() -> new Box(0, 0, -1, 1)).hasMessageContaining("width -1.0");
        assertThatThrownBy(() -> Box.ofCorners(2, 0, 1, 1)).hasMessageContaining("x1 <= x2");
        assertThatThrownBy(() -> new GroundTruth(1, SMALL, -1, false, Optional.empty()))
                .hasMessageContaining("area of at least 0, got -1.0");
    }

    private static CocoEvaluation boxes() {
        return new CocoEvaluation(SizeRange.BOXES);
    }

    private static Box box(Random random) {
        return new Box(random.nextInt(3), random.nextInt(3), 4 + random.nextInt(3), 4 + random.nextInt(3));
    }

    private static void assertFigures(CocoFigures figures, JsonNode expected) {
        assertThat(figures.byName().keySet()).containsExactlyElementsOf(expected.propertyNames());
        figures.byName().forEach((name, value) -> {
            double wanted = expected.get(name).asDouble();
            assertThat(value).as(name).isCloseTo(wanted, within(1e-6 * Math.abs(wanted)));
        });
    }

    /** Reads a ground truth and detections in COCO's own JSON. */
    private static CocoEvaluation evaluate(JsonNode record, SizeRange region) {
        Map<Long, List<GroundTruth>> truths = new TreeMap<>();
        Map<Long, List<Detection>> detections = new TreeMap<>();
        Map<Long, int[]> sizes = new TreeMap<>();
        JsonNode data = record.get("ground_truth");
        for (JsonNode image : data.get("images")) {
            long id = image.get("id").asLong();
            truths.put(id, new ArrayList<>());
            detections.put(id, new ArrayList<>());
            sizes.put(
                    id,
                    new int[] {image.get("height").asInt(), image.get("width").asInt()});
        }
        for (JsonNode item : data.get("annotations")) {
            long image = item.get("image_id").asLong();
            truths.get(image)
                    .add(new GroundTruth(
                            item.get("category_id").asInt(),
                            box(item),
                            item.get("area").asDouble(),
                            item.get("iscrowd").asInt() == 1,
                            region == SizeRange.BOXES ? Optional.empty() : Optional.of(mask(item, sizes.get(image)))));
        }
        for (JsonNode item : record.get("detections")) {
            long image = item.get("image_id").asLong();
            detections
                    .get(image)
                    .add(new Detection(
                            item.get("category_id").asInt(),
                            box(item),
                            item.get("score").asDouble(),
                            region == SizeRange.BOXES ? Optional.empty() : Optional.of(mask(item, sizes.get(image)))));
        }
        CocoEvaluation evaluation = new CocoEvaluation(region);
        truths.forEach((image, objects) -> evaluation.add(image, objects, detections.get(image)));
        return evaluation;
    }

    private static Box box(JsonNode item) {
        double[] values = Golden.doubles(item.get("bbox"));
        return new Box(values[0], values[1], values[2], values[3]);
    }

    private static RunLengthMask mask(JsonNode item, int[] size) {
        JsonNode segmentation = item.get("segmentation");
        if (segmentation.isArray()) {
            return RunLengthMask.ofPolygons(size[0], size[1], Golden.polygons(segmentation));
        }
        JsonNode counts = segmentation.get("counts");
        return counts.isArray()
                ? RunLengthMask.ofCounts(
                        size[0],
                        size[1],
                        counts.valueStream().map(JsonNode::asInt).toList())
                : RunLengthMask.ofString(size[0], size[1], counts.asString());
    }
}
