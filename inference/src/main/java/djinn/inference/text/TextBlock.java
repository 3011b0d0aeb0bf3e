package djinn.inference.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * What answers texts, as a block that DJL runs: any number of texts, each an array of its bytes in UTF-8 (L), uint8, to as
 * many answers of that form.
 *
 * <p>Its weights, if there are any, are no parameters of the block: they belong to what answers.
 */
final class TextBlock extends NamedBlock {

    private final TextAnswers answers;

    /** A block over what answers, which stays the caller's. */
    TextBlock(TextAnswers answers) {
        this.answers = answers;
    }

    /** Returns a text as an array (L), uint8. */
    static NDArray array(String text, NDManager manager) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Shape shape = new Shape(bytes.length);
        if (bytes.length == 0) {
            return manager.zeros(shape, DataType.UINT8);
        }
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length);
        direct.put(bytes).rewind();
        return manager.create(direct, shape, DataType.UINT8);
    }

    /** Returns the text of an array. */
    static String text(NDArray array) {
        return array.size() == 0 ? "" : new String(array.toByteArray(), StandardCharsets.UTF_8);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        NDManager owner = inputs.head().getManager();
        List<String> texts = inputs.stream().map(TextBlock::text).toList();
        NDList arrays = new NDList(texts.size());
        answers.of(texts).forEach(answer -> arrays.add(array(answer, owner)));
        return arrays;
    }

    /** An unknown number of bytes for each. */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return Arrays.stream(inputShapes).map(shape -> new Shape(-1)).toArray(Shape[]::new);
    }
}
