package djinn.tasks.detection;

import djinn.data.Scene;
import djinn.data.Source;
import djinn.data.detection.SceneSplits;
import djinn.data.proposals.ProposalFile;
import djinn.data.proposals.ProposalRule;
import djinn.data.proposals.ProposedScenes;
import djinn.ops.Box;
import djinn.predict.detection.DetectionCard;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The regions that a recipe gives a detector to look at. */
final class GivenProposals {

    private final DetectionRecipe.Data data;
    private final Optional<String> named;
    private final ProposalRule rule;

    GivenProposals(DetectionRecipe.Data data) {
        this.data = data;
        named = data.proposals().flatMap(DetectionRecipe.Proposals::file);
        rule = data.proposals().map(DetectionRecipe.Proposals::rule).orElse(ProposalRule.USUAL);
    }

    /** The card of a detector that is told of photos by the same method. */
    DetectionCard on(DetectionCard card) {
        return card.withProposals(rule);
    }

    /**
     * Images with proposals.
     *
     * @param splits the images
     * @param model for the message
     * @throws djinn.ops.DataException if the file cannot be read, or has none of an image
     * @throws IllegalArgumentException if images are mixed
     */
    SceneSplits on(SceneSplits splits, String model) {
        if (!data.mix().isEmpty()) {
            throw new IllegalArgumentException(
                    "data.mix: expected none with " + model + ", as regions are proposed for each image alone");
        }
        Optional<ProposalFile> file = named.map(Path::of).map(ProposalFile::read);
        file.ifPresent(read -> requireAll(read, splits));
        Function<Scene, List<Box>> proposals =
                file.isPresent() ? scene -> file.get().of(scene, rule.most()) : scene -> rule.boxes(scene.image());
        String line = file.isPresent()
                ? "regions of " + named.get() + ", at most " + rule.most() + " of an image"
                : "regions by " + rule.method().text() + " as images are read, at most " + rule.most()
                        + " of an image; djinn proposals makes them once";
        List<String> summary = new ArrayList<>(splits.summary());
        summary.add(line);
        return new SceneSplits(
                splits.classes(),
                ProposedScenes.of(splits.train(), proposals),
                ProposedScenes.of(splits.validation(), proposals),
                splits.test().map(test -> ProposedScenes.of(test, proposals)),
                summary,
                splits.fingerprint() + ", proposals "
                        + file.map(ProposalFile::fingerprint).orElse(rule.text()));
    }

    /** That the file is of other images is told before the training begins. */
    private static void requireAll(ProposalFile file, SceneSplits splits) {
        List<Source<Scene>> parts = new ArrayList<>(List.of(splits.train(), splits.validation()));
        splits.test().ifPresent(parts::add);
        for (Source<Scene> part : parts) {
            for (int i = 0; i < part.size(); i++) {
                file.require(part.name(i));
            }
        }
    }
}
