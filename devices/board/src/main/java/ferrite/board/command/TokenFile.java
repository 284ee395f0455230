package ferrite.board.command;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The file in which a machine leaves the random token of its debug port, for the clients of its own user. It lies in a
 * directory that only this user can enter: {@code ferrite} below {@code $XDG_RUNTIME_DIR}, or {@code ferrite-USER}
 * below the directory for temporary files, or {@code .ferrite} in the user's home. The first one serves that is neither
 * another user's nor a symbolic link: another user may have made {@code ferrite-USER} before.
 */
final class TokenFile {

    private static final int TOKEN_BYTES = 32;
    private static final String OWN_DIRECTORY = "rwx------";
    private static final String OWN_FILE = "rw-------";

    /** The places where the directory may be, the best one first. */
    static final class Places {

        private final List<Path> directories = new ArrayList<>();

        /**
         * Finds the places.
         *
         * @param environment the variables of the environment
         * @param temporary   the directory for temporary files
         * @param user        the user's name
         */
        Places(Map<String, String> environment, Path temporary, String user) {
            String runtime = environment.get("XDG_RUNTIME_DIR");
            if (runtime != null && runtime.startsWith("/") && Files.isDirectory(Path.of(runtime))) {
                directories.add(Path.of(runtime, "ferrite"));
            }
            directories.add(temporary.resolve("ferrite-" + user.replaceAll("[^A-Za-z0-9_.-]", "_")));
            String home = environment.get("HOME");
            if (home != null && home.startsWith("/") && Files.isDirectory(Path.of(home))) {
                directories.add(Path.of(home, ".ferrite"));
            }
        }

        /** Returns the places of this process's user. */
        static Places ofUser() {
            return new Places(System.getenv(), Path.of(System.getProperty("java.io.tmpdir")),
                    System.getProperty("user.name"));
        }
    }

    private final Path file;

    private TokenFile(Path file) {
        this.file = file;
    }

    /** Makes a token that cannot be guessed. */
    static String newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * Writes the token of a port. {@link #remove}, or a signal that ends the process, removes it.
     *
     * @throws IOException with a sentence, if there is no place where only this user can read it
     */
    static TokenFile write(Places places, InetSocketAddress port, String token) throws IOException {
        IOException refusal = null;
        for (Path directory : places.directories) {
            try {
                TokenFile written = new TokenFile(write(directory, name(port), token));
                written.file.toFile().deleteOnExit();
                return written;
            } catch (IOException | UnsupportedOperationException e) {
                refusal = new IOException(e instanceof IOException known ? HostFiles.reason(known)
                        : directory + " has no permissions that keep other users out", e);
            }
        }
        throw refusal;
    }

    private static Path write(Path directory, String name, String token) throws IOException {
        try {
            Files.createDirectory(directory, mode(OWN_DIRECTORY));
        } catch (FileAlreadyExistsException old) {
            // It is checked below, as a new one is.
        }
        requireOwn(directory);                         // from now on no other user changes what is in it
        Path part = directory.resolve("." + name + "-" + newToken() + ".part");
        try (SeekableByteChannel out = Files.newByteChannel(part, Set.of(StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS), mode(OWN_FILE))) {
            out.write(ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.US_ASCII)));
            return Files.move(part, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Returns the user of this process. */
    private static UserPrincipal user() throws IOException {
        Path self = Path.of("/proc/self");
        return Files.isDirectory(self) ? Files.getOwner(self)
                : self.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(
                        System.getProperty("user.name"));
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String mode) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
    }

    /** Checks that a directory is one, belongs to this process's user, and lets no other user in. */
    private static void requireOwn(Path directory) throws IOException {
        PosixFileAttributes place = attributes(directory);
        if (!place.isDirectory()) {
            throw new IOException(directory + " is a symbolic link, or no directory");
        }
        if (!place.owner().equals(user())) {
            throw new IOException(directory + " belongs to another user");
        }
        requireMode(directory, place, OWN_DIRECTORY);
    }

    private static void requireMode(Path path, PosixFileAttributes attributes, String mode) throws IOException {
        if (!PosixFilePermissions.fromString(mode).containsAll(attributes.permissions())) {
            throw new IOException(path + " is open to other users; mode " + mode + " would be right");
        }
    }

    private static PosixFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** Returns the token that a machine of this user has left for clients of a port; null if there is none. */
    static String read(Places places, InetSocketAddress port) {
        for (Path directory : places.directories) {
            Path file = directory.resolve(name(port));
            try {
                requireOwn(directory);
                if (attributes(file).isRegularFile()) {
                    requireMode(file, attributes(file), OWN_FILE);
                    return Files.readString(file, StandardCharsets.US_ASCII).strip();
                }
            } catch (IOException | UnsupportedOperationException absent) {
                // There may be another one at the next place.
            }
        }
        return null;
    }

    /** Removes the token that an earlier machine, which was killed, has left for a port. */
    static void forget(Places places, InetSocketAddress port) {
        for (Path directory : places.directories) {
            try {
                requireOwn(directory);
                Files.deleteIfExists(directory.resolve(name(port)));
            } catch (IOException | UnsupportedOperationException absent) {
                // Nothing is left there, or it is another user's.
            }
        }
    }

    private static String name(InetSocketAddress port) {
        return port.getAddress().getHostAddress().replaceAll("[^0-9A-Za-z.]", "-") + "-" + port.getPort();
    }

    /** Removes the file. */
    void remove() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException stays) {
            // The next machine at this port replaces it.
        }
    }
}
