package ferrite.debugport;

import ferrite.debugport.pipeline.Origin;
import ferrite.debugport.pipeline.Patience;
import ferrite.debugport.pipeline.Tokens;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Gate for clients on a port with a token: the first line must be {@code token T} or {@code auth T}. All later bytes,
 * of any protocol, are for the {@link ProtocolChooser}. HTTP requests pass as they are, because each has the token in a
 * header. On a guarded port any other first line passes too, with fewer rights.
 */
final class TokenGate extends ByteToMessageDecoder {

    static final int MAX_TOKEN_BYTES = 1024;
    /** Deadline for the token, so that strangers cannot occupy all connections silently. */
    static final int DEADLINE_SECONDS = 30;

    private static final List<String> WORDS = List.of("token ", "auth ");
    private static final int MAX_LINE_BYTES = WORDS.get(0).length() + MAX_TOKEN_BYTES + 2;

    private final Tokens tokens;
    private final boolean gdbOpen;
    /** The rights of a client without the token; null if it is refused. */
    private final Rights otherwise;
    private final ProtocolChooser next;
    /** Gives the client a place among those with its rights, or tells why there is none. */
    private final Function<Rights, String> admission;
    private Patience deadline;
    private boolean compares;
    private boolean inputEnded;

    /**
     * Creates a gate.
     *
     * @param otherwise the rights of a client without the token; null if it is refused
     * @param admission gives the client a place among those with its rights; returns null, or the reason why not
     */
    TokenGate(Tokens tokens, boolean gdbOpen, Rights otherwise, ProtocolChooser next,
            Function<Rights, String> admission) {
        this.tokens = tokens;
        this.gdbOpen = gdbOpen;
        this.otherwise = otherwise;
        this.next = next;
        this.admission = admission;
    }

    /** Tells whether a token can be typed at the end of a line. */
    static boolean accepts(String token) {
        int bytes = token.getBytes(StandardCharsets.UTF_8).length;
        return bytes > 0 && bytes <= MAX_TOKEN_BYTES
                && token.codePoints().noneMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c));
    }

    /** Tells whether the client has brought a token that is not decided yet. */
    boolean hasToken() {
        return compares;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (otherwise == null) {                      // a person at a guarded port may be silent for long
            deadline = Patience.start(ctx.executor(), DEADLINE_SECONDS, () -> refuse(ctx, Protocol.TEXT));
        }
        ctx.read();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (compares) {
            return;
        }
        Protocol protocol = Protocol.of(in);
        if (otherwise == null && next.servesHttp() && protocol == Protocol.HTTP) {
            goOn(ctx, next, in.isReadable());         // it has a place when a request has shown the token
            return;
        }
        if (gdbOpen && protocol == Protocol.GDB) {
            letPast(ctx, in, Rights.CONTROL);
            return;
        }
        int length = in.bytesBefore(Math.min(MAX_LINE_BYTES, in.readableBytes()), (byte) '\n');
        byte[] given = length < 0 ? null : token(in, length);
        if (given != null) {
            in.skipBytes(length + 1);
            compare(ctx, given);
        } else if (length >= 0 || !mayBecomeRight(in)) {
            handleOther(ctx, in, protocol);
        }
    }

    /** Handles the end of the client's input. Half a first line can no longer become the right one. */
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (otherwise != null && in.isReadable()) {
            letPast(ctx, in, otherwise);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        boolean isEnd = event instanceof ChannelInputShutdownEvent;
        if (isEnd && compares) {
            inputEnded = true;                        // told to the next handler, if there is one
            return;
        }
        super.userEventTriggered(ctx, event);
        if (isEnd && !ctx.isRemoved()) {
            refuse(ctx, Protocol.TEXT);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (deadline != null) {
            deadline.cancel();
        }
    }

    private void handleOther(ChannelHandlerContext ctx, ByteBuf in, Protocol protocol) {
        if (otherwise != null) {
            letPast(ctx, in, otherwise);
        } else if (protocol != null || !next.servesHttp()) {
            refuse(ctx, protocol);
        }
    }

    /** Compares a token, after the delay that wrong ones from its origin have caused. */
    private void compare(ChannelHandlerContext ctx, byte[] given) {
        compares = true;
        Origin from = Origin.of(ctx.channel());
        after(ctx, tokens.delayMillis(from), () -> {
            if (tokens.isRight(given, from)) {
                letPast(ctx, internalBuffer(), Rights.COMMAND);
            } else {
                after(ctx, Tokens.DELAY_MILLIS, () -> refuse(ctx, Protocol.TEXT));
            }
        });
    }

    private static void after(ChannelHandlerContext ctx, long millis, Runnable task) {
        if (millis == 0) {
            task.run();
        } else {
            ctx.executor().schedule(() -> {
                if (!ctx.isRemoved()) {
                    task.run();
                }
            }, millis, TimeUnit.MILLISECONDS);
        }
    }

    /** Returns the token of a line; null if the line is another. */
    private static byte[] token(ByteBuf in, int length) {
        String line = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
        for (String word : WORDS) {
            if (line.startsWith(word)) {
                return line.substring(word.length(), line.endsWith("\r") ? length - 1 : length)
                        .getBytes(StandardCharsets.ISO_8859_1);
            }
        }
        return null;
    }

    /**
     * Tells whether the input may still become the right line. GDB sends no line end, so input that does not begin with
     * one of the words is not waited for.
     */
    private static boolean mayBecomeRight(ByteBuf in) {
        String start = in.toString(in.readerIndex(), Math.min(in.readableBytes(), WORDS.get(0).length()),
                StandardCharsets.ISO_8859_1);
        return in.readableBytes() < MAX_LINE_BYTES
                && WORDS.stream().anyMatch(word -> word.startsWith(start) || start.startsWith(word));
    }

    private void letPast(ChannelHandlerContext ctx, ByteBuf rest, Rights rights) {
        String refusal = admission.apply(rights);
        if (refusal == null) {
            next.allow(rights);
            goOn(ctx, next, rest.isReadable());
        } else if (rest.isReadable()) {
            goOn(ctx, new FullPort(next.http(), refusal), true);
        } else {
            goOn(ctx, new Farewell(Protocol.TEXT.refusal(Protocol.HttpStatus.UNAVAILABLE, refusal)), true);
        }
    }

    /** Hands the connection and the bytes that are left to the next handler. */
    private void goOn(ChannelHandlerContext ctx, ChannelHandler handler, boolean hasBytes) {
        ctx.pipeline().replace(this, "chooser", handler);
        if (inputEnded) {
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        } else if (!hasBytes) {
            ctx.channel().read();
        }
    }

    private void refuse(ChannelHandlerContext ctx, Protocol protocol) {
        Protocol known = protocol == null ? Protocol.TEXT : protocol;
        byte[] refusal = known.refusal(Protocol.HttpStatus.UNAUTHORIZED,
                "this port needs a token: the first line must be 'token T', with the T that the machine "
                        + "was started with");
        ctx.pipeline().replace(this, "refusal", new Farewell(refusal));
    }
}
