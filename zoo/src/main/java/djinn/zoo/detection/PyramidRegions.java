package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.BoxCoder;
import djinn.zoo.nn.RegionOfInterest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts regions out of a pyramid, each out of the map that suits its size.
 *
 * @param strides of the maps, powers of two, the finest first
 * @param side height and width of what is cut out
 * @param samples of a cell in each direction
 * @param usual the side, in pixels, of a region that is cut out of the map of stride 16
 */
record PyramidRegions(List<Integer> strides, int side, int samples, double usual) {

    PyramidRegions {
        strides = List.copyOf(strides);
    }

    /**
     * Cuts out.
     *
     * @param maps (N, C, H, W) each, the finest first; those beyond the strides are left alone
     * @param regions (R, 5)
     * @return (R, C, side, side)
     */
    NDArray cut(NDList maps, NDArray regions) {
        return RegionOfInterest.alignLevels(maps, regions, strides, side, samples, usual);
    }

    /**
     * Names what lies between images and heads as the references' records do.
     *
     * @param maps (N, C, H, W) each, the finest first
     * @param look what the second stage gave
     */
    Map<String, NDArray> inside(NDList maps, FasterRcnn.Look look) {
        Map<String, NDArray> named = new LinkedHashMap<>();
        for (int i = 0; i < maps.size(); i++) {
            named.put("feature." + (i == maps.size() - 1 ? "pool" : Integer.toString(i)), maps.get(i));
        }
        named.put("roi.pooled", cut(maps, look.regions()));
        named.put("roi.decoded_boxes", RegionBoxes.decode(look.regions(), look.codes(), BoxCoder.SSD));
        return named;
    }
}
