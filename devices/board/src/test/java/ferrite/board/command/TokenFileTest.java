package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token of a port, left for clients of the same user. */
class TokenFileTest {

    private static final InetSocketAddress PORT = new InetSocketAddress("127.0.0.1", 4321);

    @TempDir
    private Path directory;

    private TokenFile.Places places() {
        return new TokenFile.Places(Map.of(), directory, "alice");
    }

    private Path own() {
        return directory.resolve("ferrite-alice");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private void isRefused(String reason) throws IOException {
        assertThatThrownBy(() -> TokenFile.write(places(), PORT, "s3cret")).isInstanceOf(IOException.class)
                .hasMessageContaining(reason);
        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files.filter(Files::isRegularFile)).as("files that are left").isEmpty();
        }
    }

    @Test
    void onlyItsOwnUserCanReadTheFileAndItGoesWithTheMachine() throws IOException {
        TokenFile file = TokenFile.write(places(), PORT, "s3cret");
        assertThat(own().resolve("127.0.0.1-4321")).hasContent("s3cret");
        assertThat(mode(own())).isEqualTo("rwx------");
        assertThat(mode(own().resolve("127.0.0.1-4321"))).isEqualTo("rw-------");
        assertThat(TokenFile.read(places(), PORT)).isEqualTo("s3cret");
        assertThat(TokenFile.read(places(), new InetSocketAddress("127.0.0.1", 4322))).isNull();
        TokenFile.write(places(), PORT, "newer");
        assertThat(TokenFile.read(places(), PORT)).isEqualTo("newer");
        file.remove();
        assertThat(TokenFile.read(places(), PORT)).isNull();
    }

    @Test
    void theDirectoryForRunningProgramsIsBetterIfThereIsOne() throws IOException {
        Path runtime = Files.createDirectory(directory.resolve("runtime"));
        TokenFile.Places places =
                new TokenFile.Places(Map.of("XDG_RUNTIME_DIR", runtime.toString()), directory, "../a");
        TokenFile.write(places, PORT, "s3cret");
        assertThat(runtime.resolve("ferrite/127.0.0.1-4321")).hasContent("s3cret");
        assertThat(TokenFile.read(places, PORT)).isEqualTo("s3cret");
        TokenFile.forget(places, PORT);
        assertThat(TokenFile.read(places, PORT)).isNull();
        TokenFile.write(new TokenFile.Places(Map.of("XDG_RUNTIME_DIR", "/absent"), directory, "../a"), PORT, "s3cret");
        assertThat(directory.resolve("ferrite-.._a/127.0.0.1-4321")).exists();
    }

    @Test
    void aDirectoryThatAnotherUserMadeFirstIsPassedOver() throws IOException {
        Files.createSymbolicLink(own(), directory);   // as good as another user's
        Path home = Files.createDirectory(directory.resolve("home"));
        TokenFile.Places places = new TokenFile.Places(Map.of("HOME", home.toString()), directory, "alice");
        TokenFile.write(places, PORT, "s3cret");
        assertThat(home.resolve(".ferrite/127.0.0.1-4321")).hasContent("s3cret");
        assertThat(mode(home.resolve(".ferrite"))).isEqualTo("rwx------");
        assertThat(TokenFile.read(places, PORT)).isEqualTo("s3cret");
    }

    @Test
    void aPlaceThatIsALinkOrOpenToOthersIsNotUsed() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(own(), elsewhere);
        isRefused("is a symbolic link");
        Files.delete(own());
        Files.createDirectory(own());
        Files.setPosixFilePermissions(own(), PosixFilePermissions.fromString("rwxr-xr-x"));
        isRefused("is open to other users");
        Files.delete(own());
        Files.createFile(own());
        assertThatThrownBy(() -> TokenFile.write(places(), PORT, "s3cret")).isInstanceOf(IOException.class);
    }

    @Test
    void aFileThatOthersCouldHaveWrittenIsNotRead() throws IOException {
        TokenFile.write(places(), PORT, "s3cret");
        Path file = own().resolve("127.0.0.1-4321");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(TokenFile.read(places(), PORT)).isNull();
        Files.move(file, directory.resolve("token"));
        Files.createSymbolicLink(file, directory.resolve("token"));
        assertThat(TokenFile.read(places(), PORT)).isNull();
    }

    @Test
    void eachTokenIsAnother() {
        assertThat(TokenFile.newToken()).hasSize(64).isNotEqualTo(TokenFile.newToken());
    }

    @Test
    void aDirectoryOfAnotherUserIsNotUsed() throws IOException {
        Files.createDirectory(own(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Files.setAttribute(own(), "unix:uid", 4711);
        } catch (IOException onlyRootGivesFilesAway) {
            return;
        }
        isRefused("belongs to another user");
    }
}
