package djinn.data.proposals;

import djinn.data.Scene;
import djinn.data.Source;
import djinn.ops.Box;
import java.util.List;
import java.util.function.Function;

/** Images with objects, and with where objects may be. */
public final class ProposedScenes {

    private ProposedScenes() {}

    /**
     * Adds proposals to images as they are read.
     *
     * @param scenes the images
     * @param proposals of each
     * @return reads as the given source does, and throws what the proposals do
     */
    public static Source<Scene> of(Source<Scene> scenes, Function<Scene, List<Box>> proposals) {
        return new Source<>() {
            @Override
            public int size() {
                return scenes.size();
            }

            @Override
            public Scene example(int index) {
                Scene scene = scenes.example(index);
                return scene.withProposals(proposals.apply(scene));
            }

            @Override
            public String name(int index) {
                return scenes.name(index);
            }
        };
    }
}
