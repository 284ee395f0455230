package ferrite.board.image;

import ferrite.board.options.BoardLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/**
 * The root file system of {@code --root}, as the kernel finds it in memory: a cpio archive of the format newc. A folder
 * of the host is packed into one. Links are packed as links, so nothing outside of the folder is read. The archive has
 * neither times nor owners of the host, so that a run does not depend on them.
 */
public final class RootArchive {

    private static final String MAGIC = "070701";
    private static final int BLOCK = 512;
    /** What the headers of an archive need, next to the files' bytes: a generous guess. */
    private static final int HEADER = 256;
    private static final int READABLE = 0444;
    private static final int EXECUTABLE = 0111;

    private RootArchive() { }

    /** A folder or an archive that cannot be used. The message says why. */
    public static final class Unusable extends IOException {

        private static final long serialVersionUID = 1;

        private Unusable(String message) {
            super(message);
        }
    }

    /**
     * Reads an archive, or packs a folder.
     *
     * @param limit the largest number of bytes for which the machine has room
     * @throws Unusable with a sentence
     */
    public static byte[] read(Path root, long limit) throws Unusable {
        try {
            return Files.isDirectory(root) ? pack(root, limit) : archive(root, limit);
        } catch (Unusable known) {
            throw known;
        } catch (IOException e) {
            boolean missing = !Files.exists(root);
            throw new Unusable(root + (missing ? ": there is no such file or folder"
                    : " cannot be read: " + e.getMessage()));
        }
    }

    private static byte[] archive(Path file, long limit) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new Unusable(file + (Files.exists(file) ? " is neither a folder nor a file"
                    : ": there is no such file or folder"));
        }
        requireRoom(file, Files.size(file), limit);
        byte[] bytes = Files.readAllBytes(file);
        if (!new String(bytes, 0, Math.min(MAGIC.length(), bytes.length), StandardCharsets.US_ASCII).equals(MAGIC)) {
            throw new Unusable(file + " is neither a folder nor a cpio archive of the format newc;"
                    + " 'find . | cpio -o -H newc' writes one");
        }
        return bytes;
    }

    private static void requireRoom(Path root, long bytes, long limit) throws Unusable {
        if (bytes > limit) {
            throw new Unusable(root + " has more bytes than the machine's RAM has room for, which is "
                    + BoardLimits.show(limit & -1024) + "; --ram sets its size");
        }
    }

    private static byte[] pack(Path folder, long limit) throws IOException {
        Map<String, Path> files = new TreeMap<>();
        long[] bytes = new long[1];
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes facts) throws IOException {
                return add(path, 0);
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes facts) throws IOException {
                return facts.isRegularFile() || facts.isSymbolicLink() ? add(path, facts.size())
                        : FileVisitResult.CONTINUE;
            }

            private FileVisitResult add(Path path, long size) throws IOException {
                bytes[0] += size + HEADER;
                requireRoom(folder, bytes[0], limit);
                if (!path.equals(folder)) {
                    files.put(folder.relativize(path).toString(), path);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (CpioArchiveOutputStream cpio =
                new CpioArchiveOutputStream(out, CpioConstants.FORMAT_NEW, BLOCK, StandardCharsets.UTF_8.name())) {
            long inode = 0;
            for (Map.Entry<String, Path> file : files.entrySet()) {
                inode++;
                put(cpio, file.getKey(), file.getValue(), inode);
            }
        }
        return out.toByteArray();
    }

    private static void put(CpioArchiveOutputStream cpio, String name, Path path, long inode) throws IOException {
        boolean isLink = Files.isSymbolicLink(path);
        boolean isFolder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        byte[] bytes = isFolder ? new byte[0]
                : isLink ? Files.readSymbolicLink(path).toString().getBytes(StandardCharsets.UTF_8)
                : Files.readAllBytes(path);
        CpioArchiveEntry entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, name, bytes.length);
        boolean executable = isFolder || isLink || Files.isExecutable(path);
        entry.setMode((isFolder ? CpioConstants.C_ISDIR : isLink ? CpioConstants.C_ISLNK : CpioConstants.C_ISREG)
                | READABLE | (executable ? EXECUTABLE : 0));
        entry.setInode(inode);
        entry.setNumberOfLinks(1);
        cpio.putArchiveEntry(entry);
        cpio.write(bytes);
        cpio.closeArchiveEntry();
    }
}
