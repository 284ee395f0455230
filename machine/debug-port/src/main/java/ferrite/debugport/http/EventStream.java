package ferrite.debugport.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A WebSocket (RFC 6455) with the events of the machine, one text frame each. At most {@link #EVENTS_PER_TICK} events
 * are sent in a tick of {@link #TICK_MILLIS}, and none while the client does not read. Others wait in the
 * {@link EventQueue}, which drops further ones; the client is told how many.
 */
final class EventStream extends ChannelInboundHandlerAdapter {

    static final int EVENTS_PER_TICK = 100;
    static final int TICK_MILLIS = 50;
    /** A client that takes nothing for half a minute, while events wait, is gone. */
    private static final int MAX_STUCK_TICKS = 30_000 / TICK_MILLIS;
    private static final int MAX_FRAME_BYTES = 1024;
    private static final int CLOSE_SECONDS = 2;

    private final HttpService service;
    private final EventQueue queue;
    private ChannelHandlerContext context;
    private Future<?> tick;
    private boolean closing;
    /** Whether the client has sent its close frame first. */
    private boolean answersClose;
    private boolean answering;
    /** Ticks since the client last took something, while something waits for it. */
    private int stuckTicks;

    private EventStream(HttpService service) {
        this.service = service;
        this.queue = new EventQueue(this::wakeUp);
    }

    /** Answers a request for the stream with a handshake, or returns the reason why not. */
    static Refusal begin(ChannelHandlerContext ctx, HttpRequest request, HttpService service) {
        String upgrade = request.headers().get(HttpHeaderNames.UPGRADE, "");
        String version = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "");
        if (!request.method().equals(HttpMethod.GET) || !upgrade.equalsIgnoreCase("websocket")
                || !version.equals("13")) {
            return Refusal.of(HttpResponseStatus.UPGRADE_REQUIRED,
                    "the events are a WebSocket of version 13; ask for the upgrade");
        }
        WebSocketServerHandshaker handshaker = new WebSocketServerHandshaker13(null, null,
                WebSocketDecoderConfig.newBuilder().maxFramePayloadLength(MAX_FRAME_BYTES).build());
        FullHttpRequest whole = new DefaultFullHttpRequest(request.protocolVersion(), request.method(), request.uri(),
                Unpooled.EMPTY_BUFFER, request.headers(), request.headers());
        try {
            handshaker.handshake(ctx.channel(), whole);
        } catch (WebSocketHandshakeException incomplete) {
            return Refusal.closing(HttpResponseStatus.BAD_REQUEST, "this is no handshake of a WebSocket: "
                    + incomplete.getMessage());
        }
        ctx.pipeline().replace(ctx.handler(), "events", new EventStream(service));
        return null;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        service.opened(this);
        try {
            service.machine().execute(() -> service.pages().follow(queue));
        } catch (RejectedExecutionException ended) {
            close(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE, "the machine has ended");
        }
        ctx.channel().read();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        service.closed(this);
        queue.close();
        if (tick != null) {
            tick.cancel(false);
        }
        try {
            service.machine().execute(() -> service.pages().unfollow(queue));
        } catch (RejectedExecutionException ended) {
            // The machine tells no more events.
        }
    }

    /** Returns the connection. */
    Channel channel() {
        return context.channel();
    }

    // ---- frames from the client ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (closing && message instanceof CloseWebSocketFrame) {
                ctx.close();
            } else if (message instanceof WebSocketFrame frame && !closing) {
                take(ctx, frame);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void take(ChannelHandlerContext ctx, WebSocketFrame frame) {
        if (frame instanceof PingWebSocketFrame) {
            answering = true;                         // one read's pings at a time: a client must read the answers
            ctx.writeAndFlush(new PongWebSocketFrame(frame.content().retain())).addListener(written -> {
                answering = false;
                ctx.channel().read();
            });
        } else if (frame instanceof CloseWebSocketFrame) {
            answersClose = true;
            close(WebSocketCloseStatus.NORMAL_CLOSURE, "");
        } else if (!(frame instanceof PongWebSocketFrame)) {
            close(WebSocketCloseStatus.INVALID_MESSAGE_TYPE, "events only go to the client; send no messages");
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!answering) {
            ctx.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    private void close(WebSocketCloseStatus status, String reason) {
        if (!closing) {
            closing = true;
            context.writeAndFlush(new CloseWebSocketFrame(status, reason)).addListener(written -> {
                if (answersClose || !written.isSuccess()) {
                    context.close();
                } else {
                    context.channel().read();         // the client's close frame
                }
            });
            context.executor().schedule(() -> context.close(), CLOSE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Sends the events that wait, and a close frame, because the machine's run has ended. */
    void goAway(String reason) {
        if (closing || context.isRemoved()) {
            return;
        }
        while (context.channel().isWritable() && sendOne()) {
            // until the queue is empty, or the client is too slow
        }
        tellDropped();
        close(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE, reason);
    }

    /** Sends an event, or returns false if there is none. */
    private boolean sendOne() {
        byte[] event = queue.poll();
        if (event != null) {
            context.write(new TextWebSocketFrame(Unpooled.wrappedBuffer(event)));
        }
        return event != null;
    }

    // ---- events to the client ----

    /** Has the port's thread send the waiting events. The machine's thread calls this. */
    private void wakeUp() {
        try {
            context.executor().execute(this::sendIfDue);
        } catch (RejectedExecutionException portWasClosed) {
            queue.close();
        }
    }

    private void sendIfDue() {
        if (tick == null || tick.isDone()) {
            send();
        }
    }

    /** Sends a tick's share of the queue, and comes again after a tick if more may wait. */
    private void send() {
        if (closing || context.isRemoved()) {
            return;
        }
        stuckTicks = context.channel().isWritable() ? 0 : stuckTicks + 1;
        if (stuckTicks > MAX_STUCK_TICKS) {
            context.close();
            return;
        }
        for (int i = 0; i < EVENTS_PER_TICK && context.channel().isWritable() && sendOne(); i++) {
            // at most a tick's share
        }
        tellDropped();
        context.flush();
        tick = context.executor().schedule(this::sendMore, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void tellDropped() {
        if (context.channel().isWritable() && queue.hasOnlyDropped()) {
            long dropped = queue.takeDropped();
            context.write(new TextWebSocketFrame(Unpooled.wrappedBuffer(service.pages().dropped(dropped))));
        }
    }

    private void sendMore() {
        tick = null;
        if (!queue.isEmpty()) {
            send();
        }
    }
}
