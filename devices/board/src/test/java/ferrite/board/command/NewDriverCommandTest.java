package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.command.ManyCommandLines.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Refusals of {@code ferrite new driver}; NewDriverTest (tests/scenarios) builds a project that it writes. */
class NewDriverCommandTest {

    private static final int WRONG_USAGE = 2;

    @TempDir
    private Path directory;

    @Test
    void aNameThatCannotBeAndAFolderThatExistsAreRefusedInASentence() throws IOException, InterruptedException {
        Files.writeString(directory.resolve("taken"), "kept");
        List<String> names = List.of("Gadget", "9lives", "a-b", "../up", "abcdefghijklmnopq", "int", "disk", "scull",
                "zero", "taken");
        List<Outcome> outcomes = ManyCommandLines.run(directory, Stream.concat(Stream.of(List.of("new"),
                List.of("new", "driver")), names.stream().map(name -> List.of("new", "driver", name))).toList());

        assertThat(outcomes).allMatch(outcome -> outcome.status() == WRONG_USAGE && outcome.out().isEmpty()
                && outcome.err().lines().count() == 1);
        assertThat(outcomes).extracting(Outcome::err).satisfiesExactly(
                err -> assertThat(err).contains("'ferrite new driver NAME'"),
                err -> assertThat(err).contains("NAME"),
                err -> assertThat(err).contains("'Gadget' is no name", "for example gadget"),
                err -> assertThat(err).contains("'9lives' is no name"),
                err -> assertThat(err).contains("'a-b' is no name"),
                err -> assertThat(err).contains("'../up' is no name"),
                err -> assertThat(err).contains("'abcdefghijklmnopq' is no name"),
                err -> assertThat(err).contains("'int' is a word of Java"),
                err -> assertThat(err).contains("'disk' is the name of a driver", "mydisk would be right"),
                err -> assertThat(err).contains("'scull' is the name of a driver"),
                err -> assertThat(err).contains("'zero' is the name"),
                err -> assertThat(err).contains("taken exists already"));
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("command-lines")))
                    .containsExactly("taken");
        }
        assertThat(directory.resolve("taken")).hasContent("kept");
    }
}
