package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/** A first stage as a block of its own: images (N, 3, H, W) to the pyramid's maps, and to both heads of each map. */
final class ProposingStage extends NamedBlock {

    private final PyramidTrunk backbone;
    private final RegionProposals rpn;

    /** Of blocks that are their detector's children too. */
    ProposingStage(PyramidTrunk backbone, RegionProposals rpn) {
        this.backbone = child("backbone", backbone);
        this.rpn = child("rpn", rpn);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        NDList answers = backbone.forward(inputs.get(0), pass);
        answers.addAll(rpn.forward(new NDList(answers), pass));
        return answers;
    }

    NDList answers(NDArray images, Pass pass) {
        return forward(new NDList(images), pass);
    }

    /** The maps among what this stage answers: (N, C, H / stride, W / stride). */
    NDList maps(NDList answers) {
        return new NDList(answers.subList(0, count()));
    }

    /** The regions that what this stage answers proposes, as {@link RegionProposals#proposed} gives them. */
    NDArray proposed(NDList answers, NDArray images, NDList heads, Pass pass) {
        return rpn.proposed(new NDList(answers.subList(count(), answers.size())), images, heads, pass);
    }

    private int count() {
        return backbone.strides().size();
    }
}
