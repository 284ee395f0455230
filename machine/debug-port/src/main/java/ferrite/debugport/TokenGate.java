package ferrite.debugport;

import ferrite.debugport.pipeline.Patience;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/**
 * Gate for clients on a port with a token: the first line must be {@code token T} or {@code auth T}. All later bytes,
 * of any protocol, are for the {@link ProtocolChooser}. HTTP requests pass as they are, because each has the token in a
 * header.
 */
final class TokenGate extends ByteToMessageDecoder {

    static final int MAX_TOKEN_BYTES = 1024;
    /** Deadline for the token, so that strangers cannot occupy all connections silently. */
    static final int DEADLINE_SECONDS = 30;

    private static final List<String> WORDS = List.of("token ", "auth ");
    private static final int MAX_LINE_BYTES = WORDS.get(0).length() + MAX_TOKEN_BYTES + 2;

    private final byte[] token;
    private final boolean gdbOpen;
    private final ProtocolChooser next;
    private Patience deadline;

    TokenGate(DebugAccess access, ProtocolChooser next) {
        this.token = access.token().getBytes(StandardCharsets.UTF_8);
        this.gdbOpen = access.gdbOpen();
        this.next = next;
    }

    /** Tells whether a token can be typed at the end of a line. */
    static boolean accepts(String token) {
        int bytes = token.getBytes(StandardCharsets.UTF_8).length;
        return bytes > 0 && bytes <= MAX_TOKEN_BYTES
                && token.codePoints().noneMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        deadline = Patience.start(ctx.executor(), DEADLINE_SECONDS, () -> refuse(ctx, Protocol.TEXT));
        ctx.read();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        Protocol protocol = Protocol.of(in);
        if (next.servesHttp() && protocol == Protocol.HTTP || gdbOpen && protocol == Protocol.GDB) {
            letPast(ctx, in);
            return;
        }
        int length = in.bytesBefore(Math.min(MAX_LINE_BYTES, in.readableBytes()), (byte) '\n');
        if (length >= 0 && isRight(in, length)) {
            in.skipBytes(length + 1);
            letPast(ctx, in);
        } else if (length >= 0 || !mayBecomeRight(in) && !(next.servesHttp() && protocol == null)) {
            refuse(ctx, protocol);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        super.userEventTriggered(ctx, event);
        if (event instanceof ChannelInputShutdownEvent && !ctx.isRemoved()) {
            refuse(ctx, Protocol.TEXT);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (deadline != null) {
            deadline.cancel();
        }
    }

    private boolean isRight(ByteBuf in, int length) {
        String line = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
        for (String word : WORDS) {
            if (line.startsWith(word)) {
                byte[] given = line.substring(word.length(), line.endsWith("\r") ? length - 1 : length)
                        .getBytes(StandardCharsets.ISO_8859_1);
                // Constant time: a nearly right token takes as long as a wholly wrong one.
                return MessageDigest.isEqual(given, token);
            }
        }
        return false;
    }

    /**
     * Tells whether the input may still become the right line. GDB sends no line end, so input that does not begin with
     * one of the words is refused at once.
     */
    private static boolean mayBecomeRight(ByteBuf in) {
        String start = in.toString(in.readerIndex(), Math.min(in.readableBytes(), WORDS.get(0).length()),
                StandardCharsets.ISO_8859_1);
        return in.readableBytes() < MAX_LINE_BYTES
                && WORDS.stream().anyMatch(word -> word.startsWith(start) || start.startsWith(word));
    }

    private void letPast(ChannelHandlerContext ctx, ByteBuf rest) {
        boolean more = rest.isReadable();
        ctx.pipeline().replace(this, "chooser", next);
        if (!more) {
            ctx.channel().read();
        }
    }

    private void refuse(ChannelHandlerContext ctx, Protocol protocol) {
        Protocol known = protocol == null ? Protocol.TEXT : protocol;
        String refusal = known.refusal(Protocol.HttpStatus.UNAUTHORIZED,
                "this port needs a token: the first line must be 'token T', with the T that the machine "
                        + "was started with");
        ctx.pipeline().replace(this, "refusal", new Farewell(refusal));
    }
}
