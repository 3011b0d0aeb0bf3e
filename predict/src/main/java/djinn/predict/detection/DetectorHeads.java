package djinn.predict.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.Autograd;
import djinn.zoo.detection.Anchored;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.Featured;
import djinn.zoo.detection.Inspected;
import djinn.zoo.detection.Regions;
import djinn.zoo.detection.Yolo;
import djinn.zoo.nn.Pass;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a detector computes before boxes are selected, under the names that the references' records have. */
public final class DetectorHeads {

    private DetectorHeads() {}

    /** Runs a detector; one of two stages looks at the regions that it proposes. */
    public static Map<String, NDArray> of(Detector detector, NDArray images) {
        return of(detector, images, Regions.PROPOSED);
    }

    /**
     * Runs a detector.
     *
     * @param detector an initialised detector
     * @param images (N, 3, H, W), float32, prepared as the detector's page says; H and W multiples of its {@link
     *     Detector#multiple()}
     * @param regions which regions are looked at, of a detector of two stages
     * @return {@code decoded}, of YOLO, {@code feature.0} and so on, the maps that heads look at, the {@linkplain
     *     Detector#headNames() heads}, of two stages {@code roi.pooled} and {@code roi.decoded_boxes}, and {@code anchors},
     *     (A, 4), of detectors that have them; owned by the images' manager
     * @throws IllegalArgumentException if the images are of another shape or type
     */
    public static Map<String, NDArray> of(Detector detector, NDArray images, Regions regions) {
        Shape shape = images.getShape();
        int multiple = detector.multiple();
        boolean fits = shape.dimension() == 4
                && shape.get(1) == 3
                && shape.size() > 0
                && shape.get(2) % multiple == 0
                && shape.get(3) % multiple == 0
                && images.getDataType() == DataType.FLOAT32;
        if (!fits) {
            throw new IllegalArgumentException("expected images (N, 3, H, W), float32, H and W multiples of " + multiple
                    + ", got " + images.getDataType() + " " + shape);
        }
        Map<String, NDArray> named = new LinkedHashMap<>();
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(images.getManager(), false), false);
            NDList heads;
            if (detector instanceof Featured featured) {
                NDList features = featured.features(images, pass);
                for (int i = 0; i < features.size(); i++) {
                    named.put("feature." + i, features.get(i));
                }
                heads = featured.heads(features, pass);
            } else {
                heads = detector.forward(images, regions, pass);
            }
            if (detector instanceof Inspected inspected) {
                named.putAll(inspected.inside(images, heads, pass));
            }
            if (detector instanceof Yolo yolo) {
                named.put("decoded", yolo.decoded(heads));
            }
            List<String> names = detector.headNames();
            for (int i = 0; i < names.size(); i++) {
                named.put(names.get(i), heads.get(i));
            }
            if (detector instanceof Anchored anchored) {
                int height = Math.toIntExact(shape.get(2));
                named.put("anchors", anchored.anchors(images.getManager(), height, Math.toIntExact(shape.get(3))));
            }
        }
        return named;
    }
}
