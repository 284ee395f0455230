package ferrite.board.corpus;

import ferrite.kernel.fs.Ioctl;
import java.util.List;

/** Mistakes with files. */
final class FileStories {

    private static final int TYPE = 'k';

    private FileStories() { }

    static List<Story> all() {
        return List.of(
                Story.of("an ioctl that gives more bytes than its number says", "ioctl-number", (b, k, w) ->
                        b.ioctl(Ioctl._IOR(TYPE, 1, w ? 4 : 16), argument -> {
                            long status = b.buffer(16);
                            k.copyToUser(argument, status, 16);
                            b.free(status);
                        })),
                Story.of("an ioctl that takes the bytes after its argument", "ioctl-number", (b, k, w) ->
                        b.ioctl(Ioctl._IOWR(TYPE, 2, 12), argument -> {
                            long request = b.buffer(12);
                            k.copyFromUser(request, w ? argument + 4 : argument, 12);
                            k.copyToUser(argument, request, 12);
                            b.free(request);
                        })),
                Story.of("_IOW for a command that answers", "ioctl-number", (b, k, w) ->
                        b.ioctl(w ? Ioctl._IOW(TYPE, 3, 8) : Ioctl._IOR(TYPE, 3, 8), argument -> {
                            long status = b.buffer(8);
                            k.copyToUser(argument, status, 8);
                            b.free(status);
                        })),
                Story.of("_IOR for a command that takes a request first", "ioctl-number", (b, k, w) ->
                        b.ioctl(w ? Ioctl._IOR(TYPE, 4, 8) : Ioctl._IOWR(TYPE, 4, 8), argument -> {
                            long request = b.buffer(8);
                            k.copyFromUser(request, argument, 8);
                            k.copyToUser(argument, request, 8);
                            b.free(request);
                        })));
    }
}
