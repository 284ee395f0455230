package ferrite.peripherals.medium;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The directory of the host whose files a machine may use. Names are relative to it. A name that leads out of it is
 * refused: an absolute one, one with {@code ..}, and one through a symbolic link to any place. Only regular files are
 * opened.
 */
public final class HostFolder {

    /** Null if the machine has no files. */
    private final Path directory;

    /**
     * What an open is for.
     *
     * @param creates whether a file that is not there is made
     * @param empties whether the file loses its bytes
     */
    public record Mode(boolean reads, boolean writes, boolean creates, boolean empties) {

        /** Returns the mode for a file that was open before. It is neither made nor emptied. */
        public Mode again() {
            return new Mode(reads, writes, false, false);
        }
    }

    /** @param directory null if there are no files */
    public HostFolder(Path directory) {
        this.directory = directory;
    }

    /** Opens a file. */
    public FileChannel open(byte[] name, Mode mode) throws Refusal {
        Path file = resolve(name);
        Set<OpenOption> options = new LinkedHashSet<>();
        options.add(LinkOption.NOFOLLOW_LINKS);
        if (mode.reads) {
            options.add(StandardOpenOption.READ);
        }
        if (mode.writes) {
            options.add(StandardOpenOption.WRITE);
        }
        if (mode.creates) {
            options.add(StandardOpenOption.CREATE);
        }
        if (mode.empties) {
            options.add(StandardOpenOption.TRUNCATE_EXISTING);
        }
        try {
            return FileChannel.open(file, options);
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    /** Removes a file. */
    public void remove(byte[] name) throws Refusal {
        Path file = resolve(name);
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    /** Gives a file another name; a file that has it is replaced. */
    public void rename(byte[] from, byte[] to) throws Refusal {
        Path source = resolve(from);
        Path target = resolve(to);
        try {
            Files.move(source, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    /** Returns the error number of a failure. */
    public static Refusal refusal(IOException e) {
        if (e instanceof NoSuchFileException) {
            return new Refusal(Refusal.ENOENT);
        }
        if (e instanceof AccessDeniedException) {
            return new Refusal(Refusal.EACCES);
        }
        boolean isFull = e.getMessage() != null && e.getMessage().contains("No space left");
        return new Refusal(isFull ? Refusal.ENOSPC : Refusal.EIO);
    }

    /** Returns the path of a regular file, or of none, in the directory. */
    public Path resolve(byte[] name) throws Refusal {
        if (directory == null) {
            throw new Refusal(Refusal.EACCES);
        }
        Path relative = relative(name);
        Path place = directory;
        for (int i = 0; i < relative.getNameCount(); i++) {
            Path part = relative.getName(i);
            if (part.toString().equals("..")) {
                throw new Refusal(Refusal.EACCES);
            }
            if (part.toString().equals(".")) {
                continue;
            }
            place = place.resolve(part);
            requireNoWayOut(place, i == relative.getNameCount() - 1);
        }
        if (place.equals(directory)) {
            throw new Refusal(Refusal.EISDIR);
        }
        return place;
    }

    private static Path relative(byte[] name) throws Refusal {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
        } catch (CharacterCodingException e) {
            throw new Refusal(Refusal.EINVAL);
        }
        if (text.isEmpty()) {
            throw new Refusal(Refusal.ENOENT);
        }
        try {
            Path path = Path.of(text);
            if (path.isAbsolute() || path.getRoot() != null) {
                throw new Refusal(Refusal.EACCES);
            }
            return path;
        } catch (InvalidPathException e) {
            throw new Refusal(Refusal.EINVAL);
        }
    }

    private static void requireNoWayOut(Path place, boolean isLast) throws Refusal {
        boolean exists = Files.exists(place, LinkOption.NOFOLLOW_LINKS);
        if (!exists && !isLast) {
            throw new Refusal(Refusal.ENOENT);
        }
        if (exists && Files.isSymbolicLink(place)) {
            throw new Refusal(Refusal.EACCES);
        }
        boolean isDirectory = Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS);
        if (exists && !isLast && !isDirectory) {
            throw new Refusal(Refusal.ENOTDIR);
        }
        if (isLast && isDirectory) {
            throw new Refusal(Refusal.EISDIR);
        }
        if (isLast && exists && !Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)) {
            throw new Refusal(Refusal.EACCES);
        }
    }
}
