package ferrite.debugport;

import ferrite.debugport.gdb.GdbHandler;
import ferrite.debugport.http.HttpService;
import ferrite.debugport.pipeline.Patience;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Inspects a client's first bytes and replaces itself with the handler of the protocol, which gets those bytes too.
 * Each protocol is one case in {@link #handler}.
 */
final class ProtocolChooser extends ByteToMessageDecoder {

    /** Deadline for the rest of a client's first word. A client that says nothing has none: a person may be typing. */
    static final int DEADLINE_SECONDS = 30;

    private final DebugServices services;
    private final Function<Rights, AttachHandler> attached;
    private final HttpService http;
    private final GdbHandler.Clients debuggers;
    /** Gives an HTTP client a place among the others, after a request of it was admitted; false if there is none. */
    private final BooleanSupplier httpPlace;
    private Rights rights = Rights.COMMAND;
    private Patience deadline;

    /**
     * Creates a chooser.
     *
     * @param attached  supplies the handler for a client that attaches, with its rights
     * @param http      serves HTTP, or null
     * @param debuggers the clients of the GDB protocol, or null if it is not served
     * @param httpPlace gives an HTTP client a place, after a request of it was admitted; false if there is none
     */
    ProtocolChooser(DebugServices services, Function<Rights, AttachHandler> attached, HttpService http,
            GdbHandler.Clients debuggers, BooleanSupplier httpPlace) {
        this.services = services;
        this.attached = attached;
        this.http = http;
        this.debuggers = debuggers;
        this.httpPlace = httpPlace;
    }

    /** Sets the client's rights. */
    void allow(Rights newRights) {
        rights = newRights;
    }

    /** Tells whether HTTP requests are served. Each of them names the token itself, if there is one. */
    boolean servesHttp() {
        return http != null;
    }

    HttpService http() {
        return http;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        Protocol protocol = Protocol.of(in);
        if (protocol == null && deadline == null) {
            deadline = Patience.start(ctx.executor(), DEADLINE_SECONDS, () -> expire(ctx));
        }
        makeWay(ctx, protocol);
    }

    private void expire(ChannelHandlerContext ctx) {
        ctx.pipeline().replace(this, "refusal", new Farewell(Protocol.TEXT.refusal(null, "the first word did not "
                + "arrive within " + DEADLINE_SECONDS + " seconds; send a whole line at once")));
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (deadline != null) {
            deadline.cancel();
        }
    }

    /** Handles the end of the client's input. The start of a word can no longer become a request. */
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.isReadable()) {
            Protocol protocol = Protocol.of(in);
            makeWay(ctx, protocol == null ? Protocol.TEXT : protocol);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        super.userEventTriggered(ctx, event);
        if (event instanceof ChannelInputShutdownEvent && !ctx.isRemoved()) {
            ctx.close(); // the client left without sending anything
        }
    }

    private void makeWay(ChannelHandlerContext ctx, Protocol protocol) {
        if (protocol != null) {
            ctx.pipeline().replace(this, protocol.name(), handler(protocol));
        }
    }

    private ChannelHandler handler(Protocol protocol) {
        return switch (protocol) {
            case TEXT -> new MonitorHandler(services, rights.most());
            case ATTACH -> attached.apply(rights);
            case GDB -> debuggers == null ? notBuilt(protocol, "this machine is not served to GDB")
                    : new GdbHandler(debuggers, services.machine(), rights.include(Rights.CONTROL));
            case HTTP -> http != null ? http.newHandler(httpPlace)
                    : notBuilt(protocol, "this port serves no HTTP; the monitor takes lines of text here");
            case HTTP2, TLS, SSH, JDWP -> notBuilt(protocol, null);
        };
    }

    private static ChannelHandler notBuilt(Protocol protocol, String sentence) {
        return new Farewell(protocol.refusal(Protocol.HttpStatus.NOT_IMPLEMENTED, sentence));
    }
}
