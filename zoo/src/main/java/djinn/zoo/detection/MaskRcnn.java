package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.util.Pair;
import djinn.ops.Autograd;
import djinn.ops.BoxSelection;
import djinn.ops.MaskClasses;
import djinn.ops.SelectedBox;
import djinn.ops.TorchScript;
import djinn.ops.TracedArray;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Mask R-CNN: a Faster R-CNN with a third head that tells the pixels of an object within its box, for each class by itself.
 *
 * <p>He et al. 2017, figures 1 and 4, with a feature pyramid. Images (N, 3, H, W), H and W multiples of 32, to what {@link
 * FasterRcnn} gives, further {@code mask.regions} (F, 5), those of the regions that get a mask, {@code mask.logits} (F, K + 1,
 * 28, 28), the background's first, and the maps that all heads look at, {@code feature.i} and {@code feature.pool}. In
 * training masks are told of regions with an object, in use of the boxes that were selected. {@code maskrcnn_resnet50_fpn}
 * is compatible with torchvision's; the one deviation is that the last layer of masks starts smaller. The small one, {@code
 * mask_rcnn}, is on any backbone with maps of strides 8, 16 and 32, with 96 channels. It is traced with one image at a time, and
 * selects its boxes there too.
 */
public final class MaskRcnn extends ProposingDetector implements Inspected, Masked {

    static List<DetectorEntry> entries() {
        String paper = "He et al. 2017, Mask R-CNN, figure 4";
        List<KeyMap> earlier = List.of(RegionProposals.EARLIER);
        return List.of(
                new DetectorEntry("maskrcnn_resnet50_fpn", 800, 90, paper, MaskRcnn::resnet50, earlier, true, true),
                new DetectorEntry("mask_rcnn", 320, 90, paper, MaskRcnn::small, earlier, true, true));
    }

    private static final List<Double> RATIOS = List.of(.5, 1., 2.);
    private static final double OVERLAP = .7;

    /** torchvision's on ResNet-50, or on a backbone with maps of strides 4, 8, 16 and 32. */
    private static MaskRcnn resnet50(DetectorOptions options) {
        List<List<Double>> sizes = IntStream.of(32, 64, 128, 256, 512)
                .mapToObj(side -> List.of((double) side))
                .toList();
        return new MaskRcnn(
                PyramidTrunk.pooled(options.backbone().orElse("resnet50"), List.of(4, 8, 16, 32), 256),
                new RegionProposals.Rule(
                        new AnchorGenerator(sizes, RATIOS),
                        new ProposalSelection(2000, OVERLAP, 2000, 0),
                        new ProposalSelection(1000, OVERLAP, 1000, 0)),
                new Widths(256, 224, 1024),
                options);
    }

    private static MaskRcnn small(DetectorOptions options) {
        return new MaskRcnn(
                PyramidTrunk.pooled(options.backbone().orElse("mobilenet_v2"), List.of(8, 16, 32), 96),
                FirstStage.smallRule(),
                new Widths(96, 112, 256),
                options);
    }

    /**
     * What the sizes differ in.
     *
     * @param maps C of the pyramid and of the masks' convolutions
     * @param usual the side, in pixels, of a region that is cut out of the map of stride 16
     * @param hidden D of the head of boxes
     */
    private record Widths(int maps, double usual, int hidden) {}

    private static final int SIDE = 7;
    private static final int MASK_SIDE = 14;
    private static final int SAMPLES = 2;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def of_class(x: Tensor, labels: Tensor) -> Tensor:
              index = torch.reshape(torch.add(labels, 1), [-1, 1, 1, 1])
              places = torch.expand(index, [-1, 1, torch.size(x, 2), torch.size(x, 3)])
              return torch.squeeze(torch.gather(x, 1, places), 1)

            def own(logits: Tensor, labels: Tensor) -> Tensor:
              return torch.sigmoid(self.of_class(logits, labels))

            def competing(logits: Tensor, labels: Tensor) -> Tensor:
              return self.of_class(torch.softmax(logits, 1), labels)

            def found(chosen: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
              labels = torch.to(torch.select(chosen, 1, 0), 4)
              scores = torch.select(chosen, 1, 1)
              boxes = torch.slice(chosen, 1, 2, 6)
              counts = torch.sum(torch.to(torch.gt(scores, 0), 4), [0], True)
              regions = torch.constant_pad_nd(boxes, [1, 0])
              return (regions, labels, torch.unsqueeze(boxes, 0), torch.unsqueeze(scores, 0), torch.unsqueeze(labels, 0), counts)

            def regions(boxes: Tensor) -> Tensor:
              return torch.constant_pad_nd(torch.squeeze(boxes, 0), [1, 0])

            def of_found(masks: Tensor, scores: Tensor) -> Tensor:
              is_one = torch.type_as(torch.gt(torch.reshape(scores, [-1, 1, 1]), 0), masks)
              return torch.unsqueeze(torch.mul(masks, is_one), 0)

            def put(masks: Tensor, places: Tensor, rows: int) -> Tensor:
              flat = torch.flatten(masks, 1)
              all = torch.repeat(torch.zeros_like(torch.slice(flat, 0, 0, 1)), [rows, 1])
              return torch.index_copy(all, 0, places, flat)
            """);

    private final MaskClasses masks;
    private final PyramidRegions cutting;
    private final PyramidRegions maskCutting;
    private final RoiHeads roi;
    private Optional<BoxSelection> rule = Optional.empty();
    private Set<Integer> told = Set.of();

    private MaskRcnn(PyramidTrunk trunk, RegionProposals.Rule proposing, Widths widths, DetectorOptions options) {
        super(trunk, new RegionProposals(widths.maps, trunk.strides(), proposing), options.classes());
        masks = options.masks();
        List<Integer> strides = trunk.strides();
        List<Integer> cut = strides.subList(0, strides.size() - 1);
        cutting = new PyramidRegions(cut, SIDE, SAMPLES, widths.usual);
        maskCutting = new PyramidRegions(cut, MASK_SIDE, SAMPLES, widths.usual);
        roi = child(
                "roi_heads",
                new RoiHeads(
                        new BoxHead(widths.maps, SIDE, widths.hidden, classes()),
                        new MaskHead(widths.maps, classes())));
    }

    /**
     * What the head of masks gave, as losses want it.
     *
     * @param regions (F, 5) that it looked at: the image's index, x1, y1, x2, y2
     * @param logits (F, K + 1, 28, 28), the background's first
     */
    public record Masks(NDArray regions, NDArray logits) {}

    @Override
    NDList lookAt(Seen seen, Pass pass) {
        NDList maps = seen.maps();
        NDArray chosen = seen.chosen();
        NDArray masked;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            masked = seen.regions().masked(chosen); // (F, 5)
        }
        NDList heads = new NDList(chosen);
        heads.addAll(roi.boxes.forward(cutting.cut(maps, chosen), pass)); // (R, K + 1), (R, 4 (K + 1))
        heads.add(masked);
        heads.add(maskLogits(maps, masked, pass)); // (F, K + 1, 28, 28)
        heads.addAll(maps);
        return heads;
    }

    /** (F, K + 1, 28, 28); of no regions too, so that the head has gradients, of zeros. */
    private NDArray maskLogits(NDList maps, NDArray regions, Pass pass) {
        return roi.masks.forward(maskCutting.cut(maps, regions), pass);
    }

    /** Returns what the second stage says of boxes, of the heads. */
    public FasterRcnn.Look look(NDList heads) {
        return FasterRcnn.Look.of(looked(heads));
    }

    /** Returns what the second stage says of masks, of the heads. */
    public Masks masks(NDList heads) {
        NDList own = looked(heads);
        return new Masks(own.get(3), own.get(4));
    }

    /** The pyramid's maps, of the heads. */
    private NDList maps(NDList heads) {
        return new NDList(heads.subList(heads.size() - levels(), heads.size()));
    }

    @Override
    public Map<String, NDArray> inside(NDArray images, NDList heads, Pass pass) {
        return cutting.inside(maps(heads), look(heads));
    }

    @Override
    List<String> lookNames() {
        List<String> names = new ArrayList<>(
                List.of("roi.proposals", "roi.class_logits", "roi.box_deltas", "mask.regions", "mask.logits"));
        for (int i = 0; i < levels() - 1; i++) {
            names.add("feature." + i);
        }
        names.add("feature.pool");
        return names;
    }

    @Override
    Decoded decodeLook(NDList own, Frame frame) {
        return FasterRcnn.Look.of(own).decoded(frame.count(), frame.height(), frame.width());
    }

    @Override
    List<String> answerNames() {
        return List.of("boxes", "scores", "labels", "counts");
    }

    /** Selects boxes: one at least, which is counted only if there is one. */
    @Override
    NDList answerLook(NDList own, Frame frame) {
        return new NDList(found(decodeLook(own, frame), frame).subList(2, 6));
    }

    /** (D, 5), (D), (1, D, 4), (1, D), (1, D) and (1): regions, labels, boxes, scores, labels and the count. */
    private NDList found(Decoded decoded, Frame frame) {
        NDArray chosen = BoxChoice.selected(decoded, rule(frame.height(), frame.width())); // (D, 6)
        return SCRIPT.callForList("found", chosen);
    }

    @Override
    NDArray masksOf(NDList maps, NDArray boxes, NDArray labels, Pass pass) {
        NDArray logits = maskLogits(maps, SCRIPT.call("regions", boxes), pass); // (D, K + 1, 28, 28)
        return SCRIPT.call(masking(), logits, labels).expandDims(0);
    }

    /** Selects boxes, and looks at them once more for their masks. */
    @Override
    public NDList answer(NDList heads, int height, int width, Pass pass) {
        if (heads.get(0) instanceof TracedArray) {
            return traced(heads, height, width, pass);
        }
        List<List<SelectedBox>> selected = selected(decode(heads, height, width), height, width);
        int images = selected.size();
        int most = selected.stream().mapToInt(List::size).max().orElse(0);
        int rows = images * Math.max(1, most);
        int each = rows / Math.max(1, images);
        float[] boxes = new float[4 * rows];
        float[] scores = new float[rows];
        long[] labels = new long[rows];
        long[] counts = new long[images];
        List<Integer> places = new ArrayList<>();
        for (int n = 0; n < images; n++) {
            counts[n] = selected.get(n).size();
            for (int i = 0; i < counts[n]; i++) {
                SelectedBox box = selected.get(n).get(i);
                int at = n * each + i;
                System.arraycopy(new float[] {box.x1(), box.y1(), box.x2(), box.y2()}, 0, boxes, 4 * at, 4);
                scores[at] = box.score();
                labels[at] = box.label();
                places.add(at);
            }
        }
        NDManager manager = heads.get(0).getManager();
        return new NDList(
                manager.create(boxes, new Shape(images, each, 4)),
                manager.create(scores, new Shape(images, each)),
                manager.create(labels, new Shape(images, each)),
                manager.create(counts),
                ofBoxes(heads, boxes, labels, places, pass)
                        .reshape(images, each, 2 * MASK_SIDE, 2 * MASK_SIDE)
                        .toType(DataType.FLOAT32, false));
    }

    /** The same of one image: one box at least, which is counted only if there is one. */
    private NDList traced(NDList heads, int height, int width, Pass pass) {
        if (!told.isEmpty()) {
            throw new IllegalArgumentException("expected all classes to be told in a trace, got " + told);
        }
        NDList found = found(decode(heads, height, width), new Frame(1, height, width));
        NDArray logits = maskLogits(maps(heads), found.get(0), pass); // (D, K + 1, 28, 28)
        NDArray own = SCRIPT.call(masking(), logits, found.get(1)); // (D, 28, 28)
        NDList answer = new NDList(found.subList(2, found.size()));
        answer.add(SCRIPT.call("of_found", own, found.get(3)));
        return answer;
    }

    private BoxSelection rule(int height, int width) {
        return rule.orElseGet(() -> selection(height, width));
    }

    /** The script's function that makes masks of logits. */
    private String masking() {
        return masks == MaskClasses.PER_CLASS ? "own" : "competing";
    }

    private List<List<SelectedBox>> selected(Decoded decoded, int height, int width) {
        BoxSelection selection = rule(height, width);
        int images = Math.toIntExact(decoded.scores().getShape().get(0));
        float[] boxes = decoded.boxes().toType(DataType.FLOAT32, false).toFloatArray();
        float[] scores = decoded.scores().toType(DataType.FLOAT32, false).toFloatArray();
        for (int i = 0; i < scores.length; i++) {
            // a score of 0 is above no threshold
            scores[i] = told.isEmpty() || told.contains(i % classes()) ? scores[i] : 0;
        }
        return IntStream.range(0, images)
                .mapToObj(n -> selection.select(part(boxes, n, images), part(scores, n, images), classes()))
                .toList();
    }

    private static float[] part(float[] values, int n, int of) {
        int each = values.length / of;
        return Arrays.copyOfRange(values, n * each, (n + 1) * each);
    }

    /** The masks of boxes at some places, zeros at the others: (rows, 784). */
    private NDArray ofBoxes(NDList heads, float[] boxes, long[] labels, List<Integer> places, Pass pass) {
        NDArray like = heads.get(0);
        NDManager manager = like.getManager();
        int rows = labels.length;
        if (places.isEmpty()) {
            return manager.zeros(new Shape(rows, 4L * MASK_SIDE * MASK_SIDE));
        }
        int images = Math.toIntExact(like.getShape().get(0));
        float[] regions = new float[5 * places.size()];
        long[] classesOf = new long[places.size()];
        for (int i = 0; i < classesOf.length; i++) {
            int at = places.get(i);
            int image = at / (rows / images);
            regions[5 * i] = image;
            System.arraycopy(boxes, 4 * at, regions, 5 * i + 1, 4);
            classesOf[i] = labels[at];
        }
        NDArray where = manager.create(regions, new Shape(classesOf.length, 5))
                .toDevice(like.getDevice(), false)
                .toType(like.getDataType(), false);
        NDArray logits = maskLogits(maps(heads), where, pass);
        NDArray own = SCRIPT.call(masking(), logits, manager.create(classesOf).toDevice(like.getDevice(), false));
        long[] order = places.stream().mapToLong(Integer::longValue).toArray();
        return SCRIPT.call("put", own, manager.create(order).toDevice(like.getDevice(), false), rows);
    }

    @Override
    public MaskClasses masks() {
        return masks;
    }

    @Override
    public void tell(BoxSelection newRule, Set<Integer> labels) {
        rule = Optional.of(newRule);
        told = Set.copyOf(labels);
    }

    /** Both heads of the second stage under one name. */
    private static final class RoiHeads extends NamedBlock {

        private final BoxHead boxes;
        private final MaskHead masks;

        RoiHeads(BoxHead boxes, MaskHead masks) {
            this.boxes = boxes;
            this.masks = masks;
            for (NamedBlock part : List.of(boxes, masks)) {
                for (Pair<String, Block> layer : part.getChildren()) {
                    child(layer.getKey(), layer.getValue());
                }
            }
        }

        /** (R, C, 7, 7) to what is said of boxes. */
        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return boxes.forward(inputs.get(0), pass);
        }
    }
}
