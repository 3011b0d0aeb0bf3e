package djinn.zoo.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegionOfInterestTest {

    /**
     * Maps of a value each, which tells what a box is cut out of: that of the stride 4 to 32 of {@code floor(4 + log2(side /
     * 224) + 1e-6)}, by Lin et al. 2017, equation 1, and torchvision's constant.
     */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "1, 1, 0",
        "111.99, 111.99, 0",
        "111.99998, 111.99998, 1",
        "112, 112, 1",
        "56, 224, 1",
        "223.9, 223.9, 1",
        "224, 224, 2",
        "448, 112, 2",
        "447, 447, 2",
        "448, 448, 3",
        "600, 600, 3",
        "-5, 20, 0"
    })
    void aBoxIsCutOutOfTheMapOfItsSize(float width, float height, int map) {
        try (NDManager manager = PyTorch.newManager()) {
            NDList maps = new NDList();
            for (int i = 0; i < 4; i++) {
                maps.add(manager.full(new Shape(1, 2, 64 >> i, 64 >> i), i, DataType.FLOAT32));
            }
            NDArray boxes = manager.create(new float[] {0, 0, 0, width, height}, new Shape(1, 5));
            NDArray cut = RegionOfInterest.alignLevels(maps, boxes, List.of(4, 8, 16, 32), 2, 2, 224);
            assertThat(cut.getShape()).isEqualTo(new Shape(1, 2, 2, 2));
            assertThat(cut.get("0, 0, 0, 0").getFloat()).isEqualTo(map);
        }
    }
}
