package djinn.tasks.imagetranslation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Autograd;
import djinn.ops.TorchScript;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * Earlier translations, shown to a discriminator again, so that it does not forget what the generator no longer makes
 * (Shrivastava et al. 2017, section 2.3; Zhu et al. 2017, section 4).
 *
 * <p>While there is room an image is kept and handed on. Then, as the draws decide, it is handed on as often as it takes
 * the place of one that is handed on instead. State, saved in checkpoints: {@code images} (size, C, H, W) and {@code
 * count} (1), int64, how many there are.
 */
final class ImagePool extends NamedBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def query(images: Tensor, count: Tensor, fresh: Tensor, draws: Tensor) -> Tensor:
          answers = annotate(List[Tensor], [])
          size = torch.size(images, 0)
          for i in range(torch.size(fresh, 0)):
            image = torch.narrow(fresh, 0, i, 1)
            draw = torch.select(draws, 0, i)
            full = torch.ge(count, size)
            again = torch.logical_and(full, torch.lt(torch.select(draw, 0, 0), .5))
            drawn = torch.to(torch.floor(torch.mul(torch.narrow(draw, 0, 1, 1), size)), 4)
            place = torch.where(full, torch.clamp_max(drawn, torch.sub(size, 1)), count)
            old = torch.index_select(images, 0, place)
            answers0 = torch.append(answers, torch.where(again, old, image))
            kept = torch.where(torch.logical_or(again, torch.logical_not(full)), image, old)
            images0 = torch.index_copy_(images, 0, place, kept)
            count0 = torch.add_(count, torch.to(torch.logical_not(full), 4))
          return torch.cat(answers, 0)
        """);

    private final Parameter images;
    private final Parameter count;

    /**
     * An empty pool.
     *
     * @param size how many images it holds, at least 1
     * @param image the shape of one, (C, H, W)
     */
    ImagePool(int size, Shape image) {
        images = buffer(
                "images",
                Parameter.Type.OTHER,
                Initializer.ZEROS,
                new Shape(size).addAll(image).getShape());
        count = buffer("count", Parameter.Type.OTHER, ImagePool::none, 1);
    }

    private static NDArray none(NDManager manager, Shape shape, DataType type) {
        return manager.zeros(shape, DataType.INT64);
    }

    /**
     * Takes in new images and hands out as many, new or old.
     *
     * @param fresh (N, C, H, W), cut from their graph
     * @param draws (N, 2), uniform within 0 to 1: whether an old one is handed out, and which
     * @param pass the pass
     * @return (N, C, H, W)
     */
    NDArray query(NDArray fresh, NDArray draws, Pass pass) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            // the images' manager is the model's: what comes out is the step's
            NDArray answers = SCRIPT.call("query", pass.value(images, fresh), pass.value(count, fresh), fresh, draws);
            answers.attach(fresh.getManager());
            return answers;
        }
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return new NDList(query(inputs.get(0), inputs.get(1), pass));
    }
}
